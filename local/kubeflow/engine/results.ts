import type { Artifact, Json, JsonObject, Task, TaskValues } from "../model";
import type { Component, GraphComponent, Selector } from "../ir/pipeline";

/** How a task of a graph ended. */
export interface TaskEnd {
  readonly state: "SUCCEEDED" | "SKIPPED" | "FAILED" | "CANCELED";
  readonly outputs: TaskValues;
  readonly error?: string;
}

export function endOf({ state, outputs, error }: Task): TaskEnd {
  return { state: state as TaskEnd["state"], outputs, error };
}

/** Outputs of a graph, taken from its tasks; where several are named, from the first that has one. */
export function graphOutputs(graph: GraphComponent, ends: ReadonlyMap<string, TaskEnd>): TaskValues {
  const parameters: JsonObject = {};
  const artifacts: Record<string, readonly Artifact[]> = {};
  const first = <T>(selectors: readonly Selector[], pick: (end: TaskEnd, output: string) => T | undefined) =>
    selectors.map(({ task, output }) => pickFrom(ends.get(task), output, pick)).find((value) => value !== undefined);
  for (const [name, selectors] of Object.entries(graph.parameterResults)) {
    const value = first<Json>(selectors, (end, output) => end.outputs.parameters[output]);
    if (value !== undefined) parameters[name] = value;
  }
  for (const [name, selectors] of Object.entries(graph.artifactResults)) {
    const value = first(selectors, (end, output) => end.outputs.artifacts[output]);
    if (value !== undefined) artifacts[name] = value;
  }
  return { parameters, artifacts };
}

function pickFrom<T>(
  end: TaskEnd | undefined,
  output: string,
  pick: (end: TaskEnd, output: string) => T | undefined,
): T | undefined {
  return end?.state === "SUCCEEDED" ? pick(end, output) : undefined;
}

/** Outputs of a loop: of each output the list over its iterations. Lists of artifacts are joined, for there is no list of lists. */
export function loopOutputs(component: Component, iterations: readonly TaskValues[]): TaskValues {
  const parameters = Object.keys(component.outputParameters).map((name): [string, Json] => [
    name,
    iterations.flatMap((outputs) => (name in outputs.parameters ? [outputs.parameters[name] ?? null] : [])),
  ]);
  const artifacts = Object.keys(component.outputArtifacts).map((name): [string, readonly Artifact[]] => [
    name,
    iterations.flatMap((outputs) => outputs.artifacts[name] ?? []),
  ]);
  return { parameters: Object.fromEntries(parameters), artifacts: Object.fromEntries(artifacts) };
}
