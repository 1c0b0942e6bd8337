import type { TaskMessage } from "../../../api/messages";
import type { Json, JsonObject, RuntimeState } from "../../../model";

/** A step of a pipeline, or a group of them, with what a run has made of it so far. */
export interface GraphNode {
  /** Path of task names from the root, unique in the whole picture. */
  readonly id: string;
  readonly label: string;
  /** Absent before the run has come to it, and in a pipeline that is not run. */
  readonly task?: TaskMessage;
  readonly state?: RuntimeState;
  readonly cached: boolean;
  /** What a person should know beside the name: a condition, a loop's iteration, that it always runs. */
  readonly notes: readonly string[];
  /** Steps in a group; absent for a step. */
  readonly inside?: Graph;
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  /** From a task to one that waits for it. */
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

/** Tasks of a run, found by where they stand. */
interface Recorded {
  readonly under: (parent: string | undefined) => readonly TaskMessage[];
  /** Ancestors of the task that is looked at, and itself. */
  readonly inView: ReadonlySet<string>;
}

/**
 * The graph of a pipeline (IR), with the states of a run's tasks. Of a loop one iteration is shown: the one of the task
 * that is looked at, else the first that failed, else the first that runs, else the first.
 */
export function graphOf(spec: JsonObject, tasks: readonly TaskMessage[] = [], lookedAt?: string): Graph {
  const byParent = new Map<string | undefined, TaskMessage[]>();
  for (const task of tasks) {
    const siblings = byParent.get(task.parent_task_id) ?? [];
    byParent.set(task.parent_task_id, [...siblings, task]);
  }
  const recorded: Recorded = { under: (parent) => byParent.get(parent) ?? [], inView: ancestry(tasks, lookedAt) };
  return level(object(spec.root), spec, recorded, { path: "", tasks: recorded.under(undefined), depth: 0 });
}

/** Ids from a task up to the root. */
function ancestry(tasks: readonly TaskMessage[], id: string | undefined): Set<string> {
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const found = new Set<string>();
  for (let at = id; at !== undefined && !found.has(at); at = byId.get(at)?.parent_task_id) found.add(at);
  return found;
}

interface Place {
  readonly path: string;
  /** Tasks of the run that stand here. */
  readonly tasks: readonly TaskMessage[];
  readonly depth: number;
}

/** Below this a specification refers to itself. */
const DEEPEST = 50;

function level(component: JsonObject, spec: JsonObject, recorded: Recorded, { path, tasks, depth }: Place): Graph {
  const specs = object(object(component.dag).tasks);
  const idOf = (name: string): string => `${path}/${name}`;
  const nodes = Object.entries(specs).map(([name, json]): GraphNode => {
    const taskSpec = object(json);
    const task = tasks.find((candidate) => candidate.name === name);
    const child = object(object(spec.components)[text(object(taskSpec.componentRef).name)]);
    const isGroup = child.dag !== undefined && depth < DEEPEST;
    const loop = taskSpec.parameterIterator !== undefined || taskSpec.artifactIterator !== undefined;
    const iterations = task && loop ? recorded.under(task.task_id) : [];
    const shown = loop ? iterationShown(iterations, recorded.inView) : task;
    return {
      id: idOf(name),
      label: task?.display_name || text(object(taskSpec.taskInfo).name) || name,
      task,
      state: task?.state,
      cached: task?.cached ?? false,
      notes: notesOf(taskSpec, loop, iterations, shown),
      ...(isGroup && {
        inside: level(child, spec, recorded, {
          path: idOf(name),
          tasks: shown ? recorded.under(shown.task_id) : [],
          depth: depth + 1,
        }),
      }),
    };
  });
  const edges = Object.entries(specs).flatMap(([name, json]) =>
    [...producersOf(object(json))]
      .filter((producer) => producer !== name && Object.hasOwn(specs, producer))
      .map((producer) => ({ from: idOf(producer), to: idOf(name) })),
  );
  return { nodes, edges };
}

function iterationShown(iterations: readonly TaskMessage[], inView: ReadonlySet<string>): TaskMessage | undefined {
  const inOrder = [...iterations].sort((a, b) => (a.iteration ?? 0) - (b.iteration ?? 0));
  const first = (test: (task: TaskMessage) => boolean) => inOrder.find(test);
  return (
    first(({ task_id }) => inView.has(task_id)) ??
    first(({ state }) => state === "FAILED") ??
    first(({ state }) => state === "RUNNING") ??
    inOrder[0]
  );
}

function notesOf(
  taskSpec: JsonObject,
  loop: boolean,
  iterations: readonly TaskMessage[],
  shown: TaskMessage | undefined,
): string[] {
  const { condition, strategy } = object(taskSpec.triggerPolicy);
  const done = iterations.filter(({ state }) => state === "SUCCEEDED").length;
  return [
    ...(loop && shown?.iteration !== undefined
      ? [`iteration ${shown.iteration + 1} of ${iterations.length}, ${done} succeeded`]
      : []),
    ...(loop && iterations.length === 0 ? ["loop"] : []),
    ...(text(condition) === "" ? [] : [`if ${readable(text(condition))}`]),
    ...(strategy === "ALL_UPSTREAM_TASKS_COMPLETED" ? ["always runs"] : []),
  ];
}

/** A condition as its author thought of it: names without the machinery around them. */
function readable(condition: string): string {
  return condition
    .replace(/inputs\.parameter_values\[["']([^"']+)["']\]/g, (_, name: string) =>
      name.replace(/^pipelinechannel--/, "").replace("--", "."),
    )
    .replace(/\b(int|double|string|bool)\(([\w.-]+)\)/g, "$2");
}

/** Names of the tasks that a task waits for. */
function producersOf(taskSpec: JsonObject): Set<string> {
  const { dependentTasks, inputs } = taskSpec;
  const named = Array.isArray(dependentTasks) ? dependentTasks.map(text) : [];
  const { parameters, artifacts } = object(inputs);
  const sources = [...Object.values(object(parameters)), ...Object.values(object(artifacts))].map(object);
  const produced = sources.flatMap(({ taskOutputParameter, taskOutputArtifact, taskFinalStatus }) =>
    [taskOutputParameter, taskOutputArtifact, taskFinalStatus].map((source) => text(object(source).producerTask)),
  );
  return new Set([...named, ...produced].filter((name) => name !== ""));
}

function object(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
