import type { Engine, PipelinePackage, Run } from "../model";
import { readPipeline } from "../ir/read-pipeline";
import { logOf, removeLogs } from "./logs";
import { isFinal } from "./records";
import { resetFailed } from "./retrying";
import { entered, RunExecution } from "./run-execution";
import type { EngineParts } from "./run-context";
import { Slots } from "./slots";

/** An engine with runs under way. */
export interface OpenEngine extends Engine {
  /** Takes up again what an earlier process left, and removes the Jobs that belong to nothing. Call it once, first. */
  resume(): Promise<void>;
  /** Leaves all work as it is, for the next process; resolves once nothing more is written. */
  close(): Promise<void>;
}

export function createEngine(parts: EngineParts): OpenEngine {
  return new RunEngine(parts);
}

class RunEngine implements OpenEngine {
  private readonly active = new Map<string, RunExecution>();
  private readonly slots: Slots;
  private readonly now: () => number;

  constructor(private readonly parts: EngineParts) {
    this.slots = new Slots(parts.settings.parallelism);
    this.now = parts.now ?? Date.now;
  }

  async resume(): Promise<void> {
    const unfinished = [...this.parts.store.runs.all()].filter(({ state }) => !isFinal(state));
    for (const { id } of unfinished) this.submit(id);
    await this.removeOrphans().catch((error: unknown) => {
      this.parts.report(`Jobs that belong to no run stay: ${(error as Error).message}`);
    });
  }

  check(content: PipelinePackage): void {
    readPipeline(content);
  }

  submit(runId: string): void {
    if (this.active.has(runId)) return;
    const execution = new RunExecution(this.parts, runId, this.slots);
    this.active.set(runId, execution);
    void execution.ended.then(() => {
      if (this.active.get(runId) === execution) this.active.delete(runId);
    });
  }

  async terminate(runId: string): Promise<void> {
    const { store } = this.parts;
    await store.change(() => {
      const run = this.run(runId);
      if (run.state !== "PENDING" && run.state !== "RUNNING" && run.state !== "PAUSED")
        throw new Error(`Run "${run.displayName}" is ${run.state}: only what has not ended can be terminated.`);
      store.runs.put(entered(run, "CANCELING", this.now()));
    });
    this.active.get(runId)?.interrupt("terminated");
    this.submit(runId);
  }

  async retry(runId: string): Promise<void> {
    await this.active.get(runId)?.ended;
    const { store } = this.parts;
    await store.change(() => {
      const run = this.run(runId);
      if (run.state !== "FAILED")
        throw new Error(`Run "${run.displayName}" is ${run.state}: only a failed run can be retried.`);
      resetFailed(store, run, this.now());
      store.runs.put(entered(run, "RUNNING", this.now()));
    });
    this.submit(runId);
  }

  async remove(runId: string): Promise<void> {
    const execution = this.active.get(runId);
    execution?.interrupt("removed");
    await execution?.ended;
    const { store, settings } = this.parts;
    await removeLogs(settings.stateDirectory, runId);
    await store.change(() => {
      for (const { id } of store.tasks.ofRun(runId)) store.tasks.remove(id);
      store.runs.remove(runId);
    });
  }

  async log(taskId: string): Promise<string> {
    const { store, settings } = this.parts;
    const task = store.tasks.get(taskId);
    if (!task) throw new Error(`There is no task ${taskId}.`);
    const source = task.cachedFrom === undefined ? task : store.tasks.get(task.cachedFrom);
    return source ? logOf(settings.stateDirectory, source) : "";
  }

  async close(): Promise<void> {
    const all = [...this.active.values()];
    for (const execution of all) execution.interrupt("closed");
    await Promise.all(all.map((execution) => execution.ended));
  }

  /** Jobs of tries that have ended, or of runs that are gone: a process was killed before it could remove them. */
  private async removeOrphans(): Promise<void> {
    const { runner } = this.parts;
    for (const name of await runner.names()) if (!this.wants(name)) await runner.remove(name);
  }

  private wants(jobName: string): boolean {
    for (const runId of this.active.keys())
      for (const { state, attempts } of this.parts.store.tasks.ofRun(runId)) {
        const last = attempts.at(-1);
        if (!isFinal(state) && last?.endedAt === undefined && last?.jobName === jobName) return true;
      }
    return false;
  }

  private run(id: string): Run {
    const run = this.parts.store.runs.get(id);
    if (!run) throw new Error(`There is no run ${id}.`);
    return run;
  }
}
