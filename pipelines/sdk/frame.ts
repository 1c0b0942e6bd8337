import { PipelineError, type Place } from "./errors";
import type { Graph, StepNode } from "./graph";
import type { JsonObject } from "./types";
import { ParameterReference, type Reference } from "./values";

/** A graph while it is compiled: what it takes from the graphs around it, and what its steps wait for there. */
export class Frame {
  /** Inputs that the graph got because a step in it takes a value from outside, by their names. */
  readonly lifted = new Map<string, Reference>();
  /** Steps of graphs around it that steps in it wait for. */
  readonly awaited = new Set<StepNode>();
  private readonly names = new Map<string, string>();

  constructor(
    readonly graph: Graph,
    readonly parent?: Frame,
    /** Input that holds the item, in the graph of a loop. */
    readonly itemInput?: string,
  ) {}

  /** How a step of this graph writes where its input comes from; steps that it must wait for go to `producers`. */
  source(reference: Reference, reader: StepNode, field: string, producers: Set<StepNode>): JsonObject {
    const place = { ...reader.place, field };
    const { origin } = reference;
    const parameter = reference instanceof ParameterReference;
    switch (origin.from) {
      case "context":
        return { runtimeValue: { constant: origin.placeholder } };
      case "status":
        return { taskFinalStatus: { producerTask: origin.step.name } };
      case "step": {
        const { step, output } = origin;
        if (step.graph !== this.graph) break;
        if (step.exitOf) throw new PipelineError(place, exitHasNoFollowers(step));
        producers.add(step);
        return parameter
          ? { taskOutputParameter: { producerTask: step.name, outputParameterKey: output } }
          : { taskOutputArtifact: { producerTask: step.name, outputArtifactKey: output } };
      }
      case "input":
        if (origin.graph === this.graph)
          return parameter ? { componentInputParameter: origin.input } : { componentInputArtifact: origin.input };
        break;
      case "item":
        if (origin.graph === this.graph)
          return {
            componentInputParameter: this.itemInput ?? "",
            ...(origin.field !== undefined && {
              parameterExpressionSelector: `parseJson(string_value)[${JSON.stringify(origin.field)}]`,
            }),
          };
    }
    const input = this.lift(reference, place);
    return parameter ? { componentInputParameter: input } : { componentInputArtifact: input };
  }

  /** Name of the input by which a value from a graph around this one comes in. */
  lift(reference: Reference, place: Place): string {
    const { origin } = reference;
    const home = "graph" in origin ? origin.graph : origin.from === "step" ? origin.step.graph : undefined;
    if (!home || !this.isInside(home)) throw new PipelineError(place, unreachable(reference, this.graph));
    const name = this.liftedName(reference);
    this.lifted.set(name, reference);
    return name;
  }

  /** Orders a step after another of this graph or of one around it. */
  follow(step: StepNode, earlier: StepNode, producers: Set<StepNode>): void {
    if (earlier.exitOf) throw new PipelineError({ ...step.place, field: "after" }, exitHasNoFollowers(earlier));
    if (earlier.graph === this.graph) producers.add(earlier);
    else if (this.isInside(earlier.graph)) this.awaited.add(earlier);
    else {
      const fault = `step "${earlier.name}" stands inside a branch or loop, or in another pipeline. Wait for the whole of it: what when, forEach, exitHandler or the pipeline's call gave back.`;
      throw new PipelineError({ ...step.place, field: "after" }, fault);
    }
  }

  /** Whether `graph` is around this one. */
  isInside(graph: Graph): boolean {
    for (let around = this.graph.parent; around; around = around.parent) if (around === graph) return true;
    return false;
  }

  /**
   * `pipelinechannel--<step>--<output>`, with two dashes before the output: so `kfp.local` finds the value in a
   * condition. The backend takes any name.
   */
  private liftedName(reference: Reference): string {
    const { origin } = reference;
    let base = "";
    let identity = "";
    if (origin.from === "step") {
      base = `pipelinechannel--${origin.step.name}--${origin.output}`;
      identity = `${depth(origin.step.graph)}/${base}`;
    } else if (origin.from === "input") {
      base = `pipelinechannel--${origin.input}`;
      identity = `input/${base}`;
    } else if (origin.from === "item") {
      base = `pipelinechannel--${itemName(origin.graph, this)}${origin.field === undefined ? "" : `-${origin.field}`}`;
      identity = `item/${base}`;
    }
    const known = this.names.get(identity);
    if (known !== undefined) return known;
    let name = base;
    for (let count = 2; this.lifted.has(name); count++) name = `${base}-${count}`;
    this.names.set(identity, name);
    return name;
  }
}

const depth = (graph: Graph): number => (graph.parent ? depth(graph.parent) + 1 : 0);

/** Without its prefix, the item input of the loop around a frame. */
function itemName(loop: Graph, inner: Frame): string {
  let frame: Frame | undefined = inner;
  while (frame && frame.graph !== loop) frame = frame.parent;
  return (frame?.itemInput ?? "").replace(/^pipelinechannel--/, "");
}

const exitHasNoFollowers = (exit: StepNode) =>
  `it follows "${exit.name}", which runs at the very end, after an exit handler. Nothing can follow that.`;

function unreachable(reference: Reference, graph: Graph): string {
  const { origin } = reference;
  if (origin.from === "context")
    return "facts of the run can only be given to an input of a step. Take them through one.";
  if (origin.from === "status") return "the final status is for the exit step only. Take it there.";
  const kind = reference instanceof ParameterReference ? "parameter" : "artifact";
  if (origin.from !== "step") return `this ${kind} belongs to another pipeline. Hand it in as a parameter.`;
  const { step, output } = origin;
  return root(step.graph) === root(graph)
    ? `output "${output}" of step "${step.name}" exists only inside its branch or loop. Return it from that body and take it from the outputs of when, forEach or exitHandler.`
    : `output "${output}" of step "${step.name}" belongs to pipeline "${step.graph.pipeline}". Hand it in as an artifact or a parameter.`;
}

const root = (graph: Graph): Graph => (graph.parent ? root(graph.parent) : graph);
