import type { Json } from "../model";
import { checkExpression, conditionInputs } from "../engine/expressions";
import type { Faults } from "./faults";
import type { Component, GraphComponent, Loop, Selector, TaskNode } from "./pipeline";
import type { DagSpec, TaskSpec } from "./pipeline-spec";
import { checkResults } from "./read-results";
import { checkSources } from "./read-sources";
import type { Face } from "./read-interface";

const TASK_NAME = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** A component by its key; known, but undefined, where it has faults of its own. */
export type FindComponent = (key: string) => { readonly known: boolean; readonly component: Component | undefined };

/** A component that is a graph of tasks. */
export function readGraph(
  face: Face,
  spec: DagSpec,
  at: string,
  find: FindComponent,
  faults: Faults,
): GraphComponent | undefined {
  const path = `${at}.dag`;
  const tasks = new Map<string, TaskNode>();
  let complete = true;
  for (const [name, task] of Object.entries(spec.tasks)) {
    const node = readTask(name, task, `${path}.tasks.${name}`, spec, find, faults);
    if (node) tasks.set(name, node);
    else complete = false;
  }
  if (![...tasks.values()].some((task) => !task.always) && complete)
    faults.add(`${path}.tasks`, "must have a task that is not only run once others have ended");
  const order = inOrder(tasks);
  if (typeof order === "string") faults.add(`${path}.tasks`, order);
  // Sources lead to tasks of the graph: with one of them missing, more would be found than is wrong.
  if (!complete || typeof order === "string") return undefined;
  const graph: GraphComponent = {
    ...face,
    kind: "dag",
    tasks: order,
    parameterResults: mapped(spec.outputs?.parameters, ({ valueFromParameter, valueFromOneof }) =>
      [valueFromParameter ?? valueFromOneof?.parameterSelectors ?? []]
        .flat()
        .map((from): Selector => ({ task: from.producerSubtask, output: from.outputParameterKey })),
    ),
    artifactResults: mapped(spec.outputs?.artifacts, ({ artifactSelectors }) =>
      artifactSelectors.map((from): Selector => ({ task: from.producerSubtask, output: from.outputArtifactKey })),
    ),
  };
  checkSources(graph, path, faults);
  checkResults(graph, path, faults);
  return graph;
}

function readTask(
  name: string,
  spec: TaskSpec,
  path: string,
  dag: DagSpec,
  find: FindComponent,
  faults: Faults,
): TaskNode | undefined {
  if (!TASK_NAME.test(name))
    faults.add(path, `"${name}" must be lower-case letters, digits and "-", the first and last no "-"`);
  const { known, component } = find(spec.componentRef.name);
  if (!known) faults.add(`${path}.componentRef.name`, `"${spec.componentRef.name}" is not among the components`);
  const dependsOn = [...new Set(spec.dependentTasks ?? [])];
  for (const other of dependsOn)
    if (!(other in dag.tasks)) faults.add(`${path}.dependentTasks`, `"${other}" is not a task of this graph`);
  if (!component || dependsOn.some((other) => !(other in dag.tasks))) return undefined;
  const loop = readLoop(spec, component, path, faults);
  checkCondition(spec, component, path, faults);
  const { retryPolicy = {}, cachingOptions = {}, triggerPolicy = {}, inputs = {} } = spec;
  if ((retryPolicy.maxRetryCount ?? 0) > 0 && component.kind !== "container")
    faults.add(`${path}.retryPolicy`, "is for tasks that run a container: set it on those inside");
  return {
    name,
    displayName: spec.taskInfo?.name || name,
    component,
    dependsOn,
    parameters: inputs.parameters ?? {},
    artifacts: inputs.artifacts ?? {},
    always: triggerPolicy.strategy === "ALL_UPSTREAM_TASKS_COMPLETED",
    condition: triggerPolicy.condition || undefined,
    loop,
    cache: cachingOptions.enableCache ? { key: cachingOptions.cacheKey || undefined } : undefined,
    retry: {
      limit: retryPolicy.maxRetryCount ?? 0,
      backoff: retryPolicy.backoffDuration ?? 0,
      factor: retryPolicy.backoffFactor ?? 2,
      longest: retryPolicy.backoffMaxDuration ?? 3_600_000,
    },
  };
}

function readLoop(spec: TaskSpec, component: Component, path: string, faults: Faults): Loop | undefined {
  const { parameterIterator: iterator, iteratorPolicy } = spec;
  if (!iterator) {
    if (iteratorPolicy) faults.add(`${path}.iteratorPolicy`, "is there without a parameterIterator");
    return undefined;
  }
  const at = `${path}.parameterIterator`;
  if (component.kind !== "dag") faults.add(at, `component "${component.name}" must be a graph to be run in a loop`);
  if (!(iterator.itemInput in component.parameters))
    faults.add(`${at}.itemInput`, `component "${component.name}" has no input "${iterator.itemInput}"`);
  const { raw, inputParameter } = iterator.items;
  const loop = { itemInput: iterator.itemInput, parallelism: iteratorPolicy?.parallelismLimit ?? 0 };
  if ((raw === undefined) === (inputParameter === undefined)) {
    faults.add(`${at}.items`, "must have either raw or inputParameter");
    return undefined;
  }
  if (inputParameter !== undefined) {
    if (!(inputParameter in (spec.inputs?.parameters ?? {})))
      faults.add(`${at}.items.inputParameter`, `"${inputParameter}" is not among the task's inputs`);
    return { ...loop, items: { parameter: inputParameter } };
  }
  const items = faults.attempt(`${at}.items.raw`, () => listOf(raw ?? ""));
  return items && { ...loop, items };
}

/** Items of a list that is written as JSON. @throws Error, in the rest of a sentence */
export function listOf(text: string): Json[] {
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    throw new Error(`"${text}" is not JSON`);
  }
  if (!Array.isArray(value)) throw new Error(`${text} is not a list`);
  return value;
}

function checkCondition(spec: TaskSpec, component: Component, path: string, faults: Faults): void {
  const condition = spec.triggerPolicy?.condition;
  if (!condition) return;
  const at = `${path}.triggerPolicy.condition`;
  if (component.kind === "importer") faults.add(at, "an importer cannot have a condition: put it into a sub-graph");
  faults.attempt(at, () => checkExpression(condition));
  for (const input of conditionInputs(condition))
    if (!(input in (spec.inputs?.parameters ?? {})))
      faults.add(at, `names the input "${input}", which is not among the task's inputs`);
}

/** The tasks, each after what it depends on; a sentence where they depend on one another in a circle. */
function inOrder(tasks: ReadonlyMap<string, TaskNode>): Map<string, TaskNode> | string {
  const waiting = new Map(
    [...tasks].map(([name, task]) => [name, new Set(task.dependsOn.filter((on) => tasks.has(on)))]),
  );
  const dependents = new Map<string, string[]>();
  for (const [name, on] of waiting)
    for (const other of on) dependents.set(other, [...(dependents.get(other) ?? []), name]);
  const ready = [...waiting].flatMap(([name, on]) => (on.size === 0 ? [name] : []));
  const order = new Map<string, TaskNode>();
  for (let next = ready.shift(); next !== undefined; next = ready.shift()) {
    const task = tasks.get(next);
    if (task) order.set(next, task);
    for (const dependent of dependents.get(next) ?? []) {
      const on = waiting.get(dependent);
      on?.delete(next);
      if (on?.size === 0) ready.push(dependent);
    }
  }
  if (order.size === tasks.size) return order;
  const circle = [...tasks.keys()].filter((name) => !order.has(name));
  return `${circle.map((name) => `"${name}"`).join(", ")} wait for one another in a circle, or for tasks that do`;
}

function mapped<T, U>(
  record: Readonly<Record<string, T>> | undefined,
  map: (value: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, map(value)]));
}
