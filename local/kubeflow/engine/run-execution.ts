import { rm } from "node:fs/promises";
import { join } from "node:path";
import { STAGING_FOLDER } from "../artifacts/staging";
import { readPipeline } from "../ir/read-pipeline";
import type { Pipeline } from "../ir/pipeline";
import type { JsonObject, Run, RuntimeState, Task } from "../model";
import { GraphExecution } from "./graph-execution";
import { declaredParameters } from "./inputs";
import { type Cause, Interruption } from "./interruption";
import { tailOf } from "./logs";
import { isFinal, NO_VALUES, TaskRecords } from "./records";
import type { EngineParts, RunContext } from "./run-context";
import type { Slots } from "./slots";

/** Last lines of a failed step's log that the run's error shows. */
const SHOWN_LINES = 10;

/** Carries one run out, from wherever the store says it is. */
export class RunExecution {
  /** Resolves once nothing of the run is under way any more. */
  readonly ended: Promise<void>;
  private readonly abort = new AbortController();
  private readonly records: TaskRecords;
  private readonly now: () => number;

  constructor(
    private readonly parts: EngineParts,
    private readonly runId: string,
    private readonly slots: Slots,
  ) {
    this.now = parts.now ?? Date.now;
    this.records = new TaskRecords(parts.store, runId, this.now);
    this.ended = this.carryOut().catch((error: unknown) => {
      parts.report(`run ${runId}: ${(error as Error).stack ?? String(error)}`);
    });
  }

  /** Ends the work that is under way; the first cause counts. */
  interrupt(why: Cause): void {
    this.abort.abort(new Interruption(why));
  }

  private async carryOut(): Promise<void> {
    const run = this.run();
    if (run.state === "CANCELING") this.interrupt("terminated");
    let deadline: NodeJS.Timeout | undefined;
    try {
      if (run.state === "PENDING") await this.enter("RUNNING");
      const pipeline = readPipeline(run.package);
      deadline = this.startDeadline(pipeline);
      const context = this.context(run, pipeline);
      const inputs = { ...NO_VALUES, parameters: rootParameters(run, pipeline) };
      const end = await new GraphExecution(context, pipeline.root, { path: "", inputs }).carryOut();
      // Who sees that it has ended finds nothing of it on the shared volume.
      await this.removeStaging();
      if (end.state === "SUCCEEDED") await this.enter("SUCCEEDED");
      else await this.enter("FAILED", await this.failure(end.error));
    } catch (error) {
      if (!this.abort.signal.aborted) return await this.enter("FAILED", (error as Error).message);
      await this.stop((this.abort.signal.reason as Interruption).why);
    } finally {
      clearTimeout(deadline);
    }
  }

  private context(run: Run, pipeline: Pipeline): RunContext {
    const { parts, records, slots, now } = this;
    const root = (run.pipelineRoot ?? pipeline.defaultPipelineRoot ?? parts.settings.pipelineRoot).replace(/\/+$/, "");
    if (!/^s3:\/\/[^/]+/.test(root))
      throw new Error(`The pipeline root "${root}" of the run must begin with s3://<bucket>.`);
    return { parts, run, pipeline, pipelineRoot: root, records, slots, signal: this.abort.signal, now };
  }

  private startDeadline({ activeDeadlineSeconds }: Pipeline): NodeJS.Timeout | undefined {
    if (activeDeadlineSeconds === undefined) return undefined;
    const begun = this.run().history.findLast(({ state }) => state === "RUNNING")?.time ?? this.now();
    const left = begun + activeDeadlineSeconds * 1000 - this.now();
    return setTimeout(() => this.interrupt("deadline"), Math.max(0, left));
  }

  /** After an interruption: what is left of the work is stopped, unless the next process is to go on with it. */
  private async stop(why: Cause): Promise<void> {
    if (why === "closed") return;
    const open = this.records.all().filter(({ state }) => !isFinal(state));
    await Promise.all(open.map((task) => this.cancel(task, why)));
    await this.removeStaging();
    if (why === "deadline")
      await this.enter("FAILED", "The run took longer than the active deadline of its pipeline allows.");
    if (why === "terminated") await this.enter("FAILED", "The run was terminated.");
  }

  private async cancel(task: Task, why: Cause): Promise<void> {
    const last = task.attempts.at(-1);
    if (last && last.endedAt === undefined) {
      await this.parts.runner.remove(last.jobName).catch((error: unknown) => {
        this.parts.report(`${last.jobName} is left to the next start: ${(error as Error).message}`);
      });
      await this.records.changeAttempt(task.id, { endedAt: this.now(), reason: "Terminated", message: undefined });
    }
    const error = why === "deadline" ? "The run took too long." : "The run was terminated.";
    await this.records.change(task.id, { state: "CANCELED", error });
  }

  private async removeStaging(): Promise<void> {
    const folder = join(this.parts.settings.sharedDirectory, STAGING_FOLDER, this.runId);
    await rm(folder, { recursive: true, force: true }).catch((error: unknown) => {
      this.parts.report(`${folder} is left behind: ${(error as Error).message}`);
    });
  }

  /** One sentence: the step that failed first, why, and the end of its log. */
  private async failure(fallback: string | undefined): Promise<string> {
    const failed = this.records.all().filter(({ state }) => state === "FAILED");
    const leaves = failed.filter(({ kind }) => kind === "container" || kind === "importer");
    const [first] = (leaves.length > 0 ? leaves : failed).sort((a, b) => (a.endedAt ?? 0) - (b.endedAt ?? 0));
    if (!first) return fallback ?? "The run failed.";
    const sentence = `Task "${first.displayName}" failed: ${first.error ?? "no reason is known."}`;
    const lines = await tailOf(this.parts.settings.stateDirectory, first, SHOWN_LINES);
    return lines.length === 0 ? sentence : `${sentence} Its log ends with:\n${lines.join("\n")}`;
  }

  private run(): Run {
    const run = this.parts.store.runs.get(this.runId);
    if (!run) throw new Error(`Run ${this.runId} is not in the store.`);
    return run;
  }

  private async enter(state: RuntimeState, error?: string): Promise<void> {
    await this.parts.store.change(() => {
      this.parts.store.runs.put(entered(this.run(), state, this.now(), error));
    });
  }
}

/** A run in its next state. */
export function entered(run: Run, state: RuntimeState, time: number, error?: string): Run {
  const finishedAt = isFinal(state) ? time : undefined;
  return { ...run, state, error, finishedAt, history: [...run.history, { time, state, error }] };
}

/** @throws Error with one sentence where a parameter is missing, unknown or of another type */
export function rootParameters({ parameters }: Run, { root, name }: Pipeline): JsonObject {
  const unknown = Object.keys(parameters).filter((key) => !(key in root.parameters));
  if (unknown.length > 0)
    throw new Error(`Pipeline "${name}" has no parameter "${unknown.join('", "')}"; it has ${list(root.parameters)}.`);
  return declaredParameters(root, parameters);
}

function list(parameters: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(parameters);
  return names.length === 0 ? "none" : names.join(", ");
}
