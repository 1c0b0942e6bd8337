import { outputOf, type None, type Task, taskOf } from "./component";
import { type Condition, not } from "./conditions";
import { PipelineError } from "./errors";
import { type Control, currentGraph, Graph, type GraphDefinition, type StepNode, write } from "./graph";
import { type Collected, type OutputsOf, resultsOf } from "./results";
import {
  type ArtifactSpec,
  type Json,
  type Literal,
  type ParameterSpec,
  type ParameterType,
  type RecordSpec,
  type Spec,
  type Specs,
} from "./types";
import { type Made, ParameterReference, type ParameterValue, RecordReference, type Reference } from "./values";

/** Steps below `when`, `forEach` or `exitHandler`, as one step; its outputs are what the body returned. */
export type Group<O extends Specs> = Task<O>;

/**
 * Runs the steps of `then` if the condition holds, else those of `otherwise`. Both hand out the same values, of which
 * the one exists whose branch ran. Without `otherwise` nothing is handed out, and a step after it is skipped with it.
 */
export function when(condition: Condition, then: () => unknown): Group<None>;
export function when<R>(condition: Condition, then: () => R, otherwise: () => R): Group<OutputsOf<R>>;
export function when(condition: Condition, then: () => unknown, otherwise?: () => unknown): Group<Specs> {
  const graph = currentGraph("when");
  const branch = (around: Graph, holds: Condition, body: () => unknown) =>
    group(around, "condition", body, { kind: "condition", condition: holds });
  if (!otherwise) return taskOf(branch(graph, condition, () => void then()));

  const name = graph.groupName("condition-branches");
  const branches = new Graph("branches", graph.pipeline, graph);
  const sides = [branch(branches, condition, then), branch(branches, not(condition), otherwise)];
  const outputs = sides[0]?.definition.outputs ?? {};
  const results = Object.fromEntries(
    Object.entries<Spec>(outputs).map(([name, spec]) => [name, sides.map((side) => outputOf(side, name, spec))]),
  );
  return taskOf(add(name, branches, outputs, results));
}

export interface LoopOptions<I extends ParameterSpec> {
  /** Type of the items, such as `string()` or `record({ rank: integer() })`. */
  readonly item: I;
  /** Rounds at the same time. @default all */
  readonly parallelism?: number;
}

/** Runs the steps of `body` once per item. What it returns is handed out as lists, in the order of the items. */
export function forEach<const I extends ParameterSpec, R>(
  items: ParameterValue<"LIST"> | readonly Item<I>[],
  options: LoopOptions<I>,
  body: (item: Made<I>) => R,
): Group<Collected<R>> {
  const graph = currentGraph("forEach");
  const { item, parallelism } = options;
  const control: Control = {
    kind: "loop",
    items: items instanceof ParameterReference ? items : (items as readonly Json[]),
    item,
    ...(parallelism !== undefined && { parallelism }),
  };
  const name = graph.groupName("for-loop");
  const round = new Graph("loop", graph.pipeline, graph);
  const value = isRecord(item)
    ? new RecordReference(round, item)
    : new ParameterReference(item.parameterType, { from: "item", graph: round });
  const { outputs, results } = resultsOf(write(round, () => body(value as unknown as Made<I>)));
  const lists = Object.fromEntries(Object.entries<Spec>(outputs).map(([name, spec]) => [name, listOfEach(spec)]));
  return taskOf(add(name, round, lists, results, control));
}

type Item<I extends ParameterSpec> =
  I extends RecordSpec<infer F>
    ? { readonly [N in keyof F]: Literal<F[N]["parameterType"]> }
    : I extends ParameterSpec<infer T>
      ? Literal<T>
      : never;

/**
 * Runs the steps of `body`, then the one step that `exit` makes, however they ended. It takes the status, the
 * pipeline's parameters and constants; outputs of other steps may not exist by then.
 */
export function exitHandler<R>(
  exit: (status: ParameterValue<"TASK_FINAL_STATUS">) => unknown,
  body: () => R,
): Group<OutputsOf<R>> {
  const graph = currentGraph("exitHandler");
  if (graph.kind !== "pipeline") {
    const fault = "an exit handler stands inside a branch, a loop or another one. Put it directly into a pipeline.";
    throw new PipelineError({ pipeline: graph.pipeline }, fault);
  }
  const handler = group(graph, "exit-handler", body);
  const before = graph.steps.length;
  write(graph, () => exit(new ParameterReference("TASK_FINAL_STATUS", { from: "status", step: handler })));
  const [last, ...others] = graph.steps.slice(before);
  if (!last || others.length > 0 || last.definition.kind !== "container") {
    const fault = `its exit makes ${graph.steps.length - before} steps. It must make one, of a component.`;
    throw new PipelineError(handler.place, fault);
  }
  last.exitOf = handler;
  return taskOf(handler);
}

function group(around: Graph, kind: "condition" | "exit-handler", body: () => unknown, control?: Control): StepNode {
  const name = around.groupName(kind); // before the body's own groups are counted
  const graph = new Graph(kind, around.pipeline, around);
  const { outputs, results } = resultsOf(write(graph, body));
  return add(name, graph, outputs, results, control);
}

function add(
  name: string,
  graph: Graph,
  outputs: Specs,
  results: Record<string, readonly Reference[]>,
  control?: Control,
): StepNode {
  const definition: GraphDefinition = { kind: "graph", name, inputs: {}, outputs, results, graph };
  return (graph.parent as Graph).add(definition, {}, {}, control);
}

const isRecord = (spec: ParameterSpec): spec is RecordSpec => "fields" in spec;

function listOfEach(spec: Spec): Spec {
  const isParameterSpec = "parameterType" in spec;
  const list: ParameterSpec<ParameterType, false> = { parameterType: "LIST", omissible: false };
  return isParameterSpec ? list : ({ ...spec, isList: true } satisfies ArtifactSpec);
}
