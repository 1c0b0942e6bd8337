import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type OpenEngine } from "../../../local/kubeflow/engine/engine";
import type { JsonObject, PipelinePackage, Run, Task } from "../../../local/kubeflow/model";
import { type OpenStore, openStore } from "../../../local/kubeflow/store/lmdb-store";
import { type FakeProgram, FakeRunner } from "./fake-runner";
import { MemoryObjects } from "./memory-objects";

/** The real engine and store in a directory of their own, on a fake cluster. */
export class Workshop {
  readonly directory = mkdtempSync(join(tmpdir(), "pipelines-"));
  readonly objects = new MemoryObjects();
  readonly runner: FakeRunner;
  readonly reports: string[] = [];
  store: OpenStore;
  engine: OpenEngine;
  /** Milliseconds that the engine's clock is ahead. */
  ahead = 0;

  constructor(
    program: FakeProgram,
    private readonly parallelism = 50,
  ) {
    this.runner = new FakeRunner(this.directory, program);
    this.store = openStore(join(this.directory, "state"));
    this.engine = this.makeEngine();
  }

  /** A run in the store, not submitted. */
  async make(content: PipelinePackage, parameters: JsonObject = {}): Promise<string> {
    const time = Date.now();
    const run: Run = {
      id: randomUUID(),
      experimentId: "default",
      displayName: "a run",
      state: "PENDING",
      storageState: "AVAILABLE",
      createdAt: time,
      scheduledAt: time,
      parameters,
      package: content,
      history: [{ time, state: "PENDING" }],
    };
    await this.store.change(() => this.store.runs.put(run));
    return run.id;
  }

  async start(content: PipelinePackage, parameters: JsonObject = {}): Promise<string> {
    const id = await this.make(content, parameters);
    this.engine.submit(id);
    return id;
  }

  /** Runs to the end. */
  async run(content: PipelinePackage, parameters: JsonObject = {}): Promise<Run> {
    return this.finished(await this.start(content, parameters));
  }

  async finished(id: string): Promise<Run> {
    return this.when(id, ({ finishedAt }) => finishedAt !== undefined);
  }

  async when(id: string, reached: (run: Run) => boolean): Promise<Run> {
    for (;;) {
      const run = this.store.runs.get(id);
      if (!run) throw new Error(`Run ${id} is gone.`);
      if (reached(run)) return run;
      await new Promise((next) => setImmediate(next));
    }
  }

  /** Tasks by their paths of names and iterations. */
  tasks(runId: string): Record<string, Task> {
    const all = this.store.tasks.ofRun(runId);
    const path = ({ name, parentId, iteration, kind }: Task): string => {
      const own = kind === "iteration" ? String(iteration) : name;
      const parent = all.find(({ id }) => id === parentId);
      return parent ? `${path(parent)}/${own}` : own;
    };
    return Object.fromEntries(all.map((task) => [path(task), task]));
  }

  states(runId: string): Record<string, string> {
    return Object.fromEntries(Object.entries(this.tasks(runId)).map(([path, { state }]) => [path, state]));
  }

  /** Ends the engine as SIGKILL would, as far as the store and the Jobs can tell, and begins anew. */
  async restart(): Promise<void> {
    await this.engine.close();
    await this.store.close();
    this.store = openStore(join(this.directory, "state"));
    this.engine = this.makeEngine();
    await this.engine.resume();
  }

  async dispose(): Promise<void> {
    await this.engine.close();
    await this.store.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  private makeEngine(): OpenEngine {
    return createEngine({
      store: this.store,
      runner: this.runner,
      objects: this.objects,
      settings: {
        stateDirectory: join(this.directory, "state"),
        sharedDirectory: this.directory,
        pipelineRoot: "s3://artifacts/runs",
        parallelism: this.parallelism,
      },
      report: (line) => this.reports.push(line),
      now: () => Date.now() + this.ahead,
    });
  }
}
