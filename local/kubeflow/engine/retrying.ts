import type { GraphComponent } from "../ir/pipeline";
import { readPipeline } from "../ir/read-pipeline";
import type { Run, Store, Task } from "../model";
import { NO_VALUES, TaskRecords } from "./records";

/**
 * Inside a change of the store: puts back what failed in a run, what was left out or ended for it, and what ran only
 * because others had ended. What succeeded is kept.
 */
export function resetFailed(store: Store, run: Run, time: number): void {
  const records = new TaskRecords(store, run.id, () => time);
  new Reset(store, records).graph(readPipeline(run.package).root, "");
}

class Reset {
  constructor(
    private readonly store: Store,
    private readonly records: TaskRecords,
  ) {}

  graph(graph: GraphComponent, above: string): void {
    const again = new Set<string>();
    for (const task of graph.tasks.values()) {
      const path = above === "" ? task.name : `${above}/${task.name}`;
      const record = this.records.get(path);
      const kept = record?.state === "SUCCEEDED" && !task.dependsOn.some((name) => again.has(name));
      if (kept) continue;
      again.add(task.name);
      if (!record) continue;
      this.reset(record);
      if (task.component.kind !== "dag" || record.state === "SKIPPED") continue;
      if (task.loop) this.iterations(task.component, path);
      else this.graph(task.component, path);
    }
  }

  private iterations(graph: GraphComponent, path: string): void {
    const loop = this.records.idOf(path);
    for (const { kind, parentId, iteration, state, id } of this.records.all()) {
      if (kind !== "iteration" || parentId !== loop || state === "SUCCEEDED") continue;
      const record = this.store.tasks.get(id);
      if (record) this.reset(record);
      this.graph(graph, `${path}/${iteration ?? 0}`);
    }
  }

  private reset(task: Task): void {
    if (task.state === "SKIPPED") return this.store.tasks.remove(task.id);
    const attemptsBefore = task.attempts.length;
    this.records.put(task.id, { state: "PENDING", error: undefined, outputs: NO_VALUES, attemptsBefore });
  }
}
