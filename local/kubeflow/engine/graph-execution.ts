import type { Json, JsonObject, Task, TaskValues } from "../model";
import { listOf } from "../ir/read-graph";
import type { ContainerComponent, GraphComponent, TaskNode } from "../ir/pipeline";
import { coerce } from "./coerce";
import { ContainerTask } from "./container-task";
import { holds } from "./expressions";
import { importArtifact } from "./importer";
import { type ResolvedInputs, resolveInputs, sourceValue, type Surroundings } from "./inputs";
import { isFinal, NO_VALUES } from "./records";
import { endOf, graphOutputs, loopOutputs, type TaskEnd } from "./results";
import { type RunContext, runField } from "./run-context";
import { Slots } from "./slots";

/** Where a graph runs: the whole pipeline, a task of another graph, or one iteration of a loop. */
export interface Place {
  /** Path of the task whose graph it is; empty for the pipeline's own. */
  readonly path: string;
  readonly taskId?: string;
  readonly inputs: TaskValues;
}

/**
 * Carries a graph out. Each task waits for those it depends on and then runs, so that what can run at the same time
 * does. A task whose end is on record is not carried out again: this is how a run goes on after a restart.
 */
export class GraphExecution {
  private readonly promises = new Map<string, Promise<TaskEnd>>();
  private readonly ends = new Map<string, TaskEnd>();
  /** The first task that failed: from then on none of this graph begins, except those that run at all events. */
  private failed?: string;

  constructor(
    private readonly context: RunContext,
    private readonly graph: GraphComponent,
    private readonly place: Place,
  ) {}

  /** @throws Interruption once nothing of it is under way any more */
  async carryOut(): Promise<TaskEnd> {
    for (const task of this.graph.tasks.values()) this.promises.set(task.name, this.follow(task));
    const settled = await Promise.allSettled([...this.promises.values()]);
    this.context.signal.throwIfAborted();
    for (const each of settled) if (each.status === "rejected") throw each.reason;
    if (this.failed !== undefined) {
      const error = this.ends.get(this.failed)?.error;
      return { state: "FAILED", outputs: NO_VALUES, error: `Task "${this.failed}" failed: ${error ?? ""}` };
    }
    return { state: "SUCCEEDED", outputs: graphOutputs(this.graph, this.ends) };
  }

  private async follow(task: TaskNode): Promise<TaskEnd> {
    await Promise.all(task.dependsOn.flatMap((name) => this.promises.get(name) ?? []));
    this.context.signal.throwIfAborted();
    const end = await this.begin(task);
    this.ends.set(task.name, end);
    if (end.state === "FAILED") this.failed ??= task.name;
    return end;
  }

  private async begin(task: TaskNode): Promise<TaskEnd> {
    const path = this.pathOf(task);
    const known = this.context.records.get(path);
    if (known && isFinal(known.state)) return endOf(known);
    const obstacle = task.always ? undefined : this.obstacle(task);
    if (obstacle !== undefined) return this.skip(task, obstacle);
    let inputs: ResolvedInputs;
    try {
      inputs = resolveInputs(task, this.surroundings(task));
      if (task.condition !== undefined && !holds(task.condition, inputs.all))
        return await this.skip(task, undefined, inputs.declared);
    } catch (error) {
      return this.reject(task, (error as Error).message);
    }
    if (task.loop) return this.loop(task, inputs);
    const record = await this.open(task, task.component.kind, inputs.declared);
    switch (task.component.kind) {
      case "dag":
        return this.close(
          record,
          await this.nested(task.component, { path, taskId: record.id, inputs: record.inputs }),
        );
      case "importer":
        return this.close(record, importArtifact(task.component, record, this.context));
      case "container": {
        const node = task as TaskNode & { readonly component: ContainerComponent };
        const lookUp = this.platformLookUp(task, inputs.all);
        return new ContainerTask(this.context, node, record, lookUp).carryOut();
      }
    }
  }

  /** Why a task does not begin, in a sentence. */
  private obstacle(task: TaskNode): string | undefined {
    for (const name of task.dependsOn) {
      const state = this.ends.get(name)?.state;
      if (state === "SKIPPED") return `Not run: task "${name}" was left out.`;
      if (state !== "SUCCEEDED") return `Not run: task "${name}" failed.`;
    }
    return this.failed === undefined ? undefined : `Not run: task "${this.failed}" failed.`;
  }

  /** One graph per item, so many at a time as the loop allows; none begins after one failed. */
  private async loop(task: TaskNode, inputs: ResolvedInputs): Promise<TaskEnd> {
    const record = await this.open(task, "loop", inputs.declared);
    let items: readonly Json[];
    try {
      items = loopItems(task, inputs.all);
    } catch (error) {
      return this.close(record, { state: "FAILED", outputs: NO_VALUES, error: (error as Error).message });
    }
    const slots = new Slots(task.loop?.parallelism || Infinity);
    const ends: TaskEnd[] = [];
    let failed: number | undefined;
    const settled = await Promise.allSettled(
      items.map((item, index) =>
        slots.within(this.context.signal, async () => {
          if (failed !== undefined) return;
          const end = await this.iteration(task, record, inputs.declared, item, index);
          ends[index] = end;
          if (end.state === "FAILED") failed ??= index;
        }),
      ),
    );
    this.context.signal.throwIfAborted();
    for (const each of settled) if (each.status === "rejected") throw each.reason;
    if (failed !== undefined) {
      const error = `Iteration ${failed} failed: ${ends[failed]?.error ?? ""}`;
      return this.close(record, { state: "FAILED", outputs: NO_VALUES, error });
    }
    const outputs = loopOutputs(
      task.component,
      ends.map((end) => end.outputs),
    );
    return this.close(record, { state: "SUCCEEDED", outputs });
  }

  private async iteration(
    task: TaskNode,
    loop: Task,
    shared: TaskValues,
    item: Json,
    iteration: number,
  ): Promise<TaskEnd> {
    const path = `${this.pathOf(task)}/${iteration}`;
    const known = this.context.records.get(path);
    if (known && isFinal(known.state)) return endOf(known);
    const itemInput = task.loop?.itemInput ?? "";
    const definition = task.component.parameters[itemInput];
    let value: Json;
    try {
      value = definition ? coerce(item, definition.type) : item;
    } catch (error) {
      const message = `Item ${iteration} does not fit input "${itemInput}": ${(error as Error).message}.`;
      return { state: "FAILED", outputs: NO_VALUES, error: message };
    }
    const inputs = { ...shared, parameters: { ...shared.parameters, [itemInput]: value } };
    const about = { name: task.name, displayName: task.displayName, kind: "iteration" as const, iteration };
    const record = await this.context.records.open(path, { ...about, parentId: loop.id, inputs }, "RUNNING");
    const graph = task.component as GraphComponent;
    return this.close(record, await this.nested(graph, { path, taskId: record.id, inputs }));
  }

  private nested(graph: GraphComponent, place: Place): Promise<TaskEnd> {
    return new GraphExecution(this.context, graph, place).carryOut();
  }

  private surroundings(task: TaskNode): Surroundings {
    const id = this.context.records.idOf(this.pathOf(task));
    const fieldOf = runField(this.context, { id, name: task.name });
    return { graph: this.place.inputs, ends: this.ends, run: this.context.run, fieldOf };
  }

  /** Names in a platform document are those of the step's inputs or of the graph around it. */
  private platformLookUp(task: TaskNode, own: JsonObject) {
    const surroundings = this.surroundings(task);
    return (source: Parameters<typeof sourceValue>[0]): Json | undefined => {
      const { componentInputParameter: name } = source;
      if (name === undefined) return sourceValue(source, surroundings);
      const graph = surroundings.graph.parameters;
      const channel = `pipelinechannel--${name}`;
      return own[name] ?? graph[name] ?? own[channel] ?? graph[channel];
    };
  }

  private pathOf(task: TaskNode): string {
    return this.place.path === "" ? task.name : `${this.place.path}/${task.name}`;
  }

  private open(task: TaskNode, kind: Task["kind"], inputs: TaskValues): Promise<Task> {
    const state = kind === "container" ? "PENDING" : "RUNNING";
    return this.context.records.open(this.pathOf(task), this.about(task, kind, inputs), state);
  }

  private about(task: TaskNode, kind: Task["kind"], inputs: TaskValues) {
    return { name: task.name, displayName: task.displayName, kind, parentId: this.place.taskId, inputs };
  }

  private async close(record: Task, { state, outputs, error }: TaskEnd): Promise<TaskEnd> {
    return endOf(await this.context.records.change(record.id, { state, outputs, error }));
  }

  private async skip(task: TaskNode, why: string | undefined, inputs = NO_VALUES): Promise<TaskEnd> {
    const about = this.about(task, task.loop ? "loop" : task.component.kind, inputs);
    return endOf(await this.context.records.open(this.pathOf(task), about, "SKIPPED", why));
  }

  private async reject(task: TaskNode, error: string): Promise<TaskEnd> {
    const about = this.about(task, task.loop ? "loop" : task.component.kind, NO_VALUES);
    return endOf(await this.context.records.open(this.pathOf(task), about, "FAILED", error));
  }
}

function loopItems(task: TaskNode, parameters: JsonObject): readonly Json[] {
  const { items } = task.loop ?? { items: [] };
  if (!("parameter" in items)) return items as readonly Json[];
  const value = parameters[items.parameter] ?? null;
  if (Array.isArray(value)) return value;
  try {
    return listOf(typeof value === "string" ? value : JSON.stringify(value));
  } catch (error) {
    throw new Error(`The loop runs over input "${items.parameter}", and ${(error as Error).message}.`, {
      cause: error,
    });
  }
}
