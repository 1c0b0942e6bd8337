import { checkFieldName, checkStepName } from "./check-names";
import { checkConnection, checkConstant, shown } from "./check-values";
import { comparisons, conditionText } from "./condition-text";
import type { Expression } from "./conditions";
import { containerExecutor, importerExecutor, policies } from "./container";
import { PipelineError, type Place } from "./errors";
import { Frame } from "./frame";
import type { Control, Graph, GraphDefinition, StepNode } from "./graph";
import { componentInterface, groupInterface, outputInterface } from "./interfaces";
import { refuseCycles } from "./order";
import { platformConfig } from "./platform";
import { nonEmpty, type Part, Registry } from "./registry";
import { checkOrigin, checkWritten, stepInputs, type StepInputs } from "./step-inputs";
import type { ParameterSpec } from "./types";
import { ParameterReference, type Reference } from "./values";

/** Writes the graphs of one pipeline, and the components that their steps are. */
export class GraphWriter {
  readonly registry = new Registry();
  /** Pipelines used as steps, by their graphs. */
  private readonly pipelines = new Map<Graph, string>();

  /** Component of a whole pipeline. */
  pipeline(definition: GraphDefinition): Part {
    const { name, graph, inputs, outputs } = definition;
    return { ...componentInterface(inputs, outputs, { pipeline: name }), dag: this.dag(definition, new Frame(graph)) };
  }

  private dag(definition: GraphDefinition, frame: Frame): Part {
    const { graph, name } = definition;
    const place = { pipeline: graph.pipeline, ...(graph.parent && { step: name }) };
    if (graph.steps.every(({ exitOf }) => exitOf))
      throw new PipelineError(place, "it has no step. Call a component in its body.");
    const waits = new Map<StepNode, Set<StepNode>>();
    const tasks: Part = {};
    for (const step of graph.steps) {
      checkStepName(step.name, step.place);
      const producers = new Set<StepNode>();
      waits.set(step, producers);
      tasks[step.name] = this.task(step, frame, producers);
    }
    refuseCycles(waits);
    return { tasks, ...this.results(definition, frame, place) };
  }

  private task(step: StepNode, frame: Frame, producers: Set<StepNode>): Part {
    const { settings } = step;
    const inputs = stepInputs(step, frame, producers);
    const runs = this.runs(step, frame, producers, inputs);
    for (const earlier of step.after) frame.follow(step, earlier, producers);
    return {
      taskInfo: { name: settings.displayName ?? step.name },
      ...runs,
      ...nonEmpty({
        inputs: { ...nonEmpty({ parameters: inputs.parameters }), ...nonEmpty({ artifacts: inputs.artifacts }) },
      }),
      ...(step.exitOf ? exitOrder(step, step.exitOf, producers) : ordered(producers)),
    };
  }

  /** What a task is: its component, and the fields that belong to that kind of component. */
  private runs(step: StepNode, frame: Frame, producers: Set<StepNode>, inputs: StepInputs): Part {
    const { definition } = step;
    if (definition.kind !== "graph") checkStepName(definition.name, { ...step.place, field: "name of its component" });
    const definitions = () => componentInterface(definition.inputs, definition.outputs, step.place);
    switch (definition.kind) {
      case "container": {
        const platform = platformConfig(step, (name, field) => frame.source(name, step, field, producers));
        const executor = containerExecutor(step, definition);
        const name = this.registry.executed(definition.name, definitions(), executor, platform);
        return { componentRef: { name }, ...policies(step) };
      }
      case "importer": {
        allowSettings(step, ["name", "displayName", "cache"], "an import");
        const name = this.registry.executed(definition.name, definitions(), importerExecutor(step, definition));
        return { componentRef: { name }, ...policies(step) };
      }
      case "graph":
        return definition.graph.kind === "pipeline"
          ? this.pipelineStep(step, definition)
          : this.group(step, definition, frame, producers, inputs);
    }
  }

  private pipelineStep(step: StepNode, definition: GraphDefinition): Part {
    allowSettings(step, ["name", "displayName"], "a pipeline");
    const known = this.pipelines.get(definition.graph);
    const name = known ?? this.registry.graph(definition.name, this.pipeline(definition));
    this.pipelines.set(definition.graph, name);
    return { componentRef: { name } };
  }

  /** Branch, loop or exit handler: what its body takes from this graph become its inputs. */
  private group(
    step: StepNode,
    definition: GraphDefinition,
    frame: Frame,
    producers: Set<StepNode>,
    inputs: StepInputs,
  ): Part {
    const { control } = step;
    const { graph, outputs, name } = definition;
    const item =
      control?.kind === "loop" ? { input: `pipelinechannel--${step.name}-item`, spec: control.item } : undefined;
    const inner = new Frame(graph, frame, item?.input);
    const controlled = control ? controlFields(step, control, inner, item?.input) : {};
    const dag = this.dag(definition, inner);
    for (const [input, reference] of inner.lifted) {
      const source = frame.source(reference, step, `input "${input}"`, producers);
      if (reference instanceof ParameterReference) inputs.parameters[input] = source;
      else inputs.artifacts[input] = source;
    }
    for (const earlier of inner.awaited) frame.follow(step, earlier, producers);
    const component = { ...groupInterface(inner.lifted, item), ...outputInterface(outputs, step.place), dag };
    return { componentRef: { name: this.registry.graph(name, component) }, ...controlled };
  }

  /** Outputs of a graph, each from the step that makes it, or from the one of several that ran. */
  private results({ graph, results }: GraphDefinition, frame: Frame, place: Place): Part {
    const parameters: Part = {};
    const artifacts: Part = {};
    for (const [output, references] of Object.entries(results)) {
      checkFieldName(output, "output", place);
      const makers = references.map((reference) =>
        maker(reference, graph, frame, { ...place, field: `output "${output}"` }),
      );
      if (references[0] instanceof ParameterReference) {
        const parameterSelectors = makers.map(([producerSubtask, outputParameterKey]) => ({
          producerSubtask,
          outputParameterKey,
        }));
        const [only, ...others] = parameterSelectors;
        parameters[output] =
          others.length === 0 ? { valueFromParameter: only } : { valueFromOneof: { parameterSelectors } };
      } else {
        const artifactSelectors = makers.map(([producerSubtask, outputArtifactKey]) => ({
          producerSubtask,
          outputArtifactKey,
        }));
        artifacts[output] = { artifactSelectors };
      }
    }
    return nonEmpty({ outputs: { ...nonEmpty({ parameters }), ...nonEmpty({ artifacts }) } });
  }
}

function maker(reference: Reference, graph: Graph, frame: Frame, place: Place): [step: string, output: string] {
  const { origin } = reference;
  if (origin.from !== "step" || frame.isInside(origin.step.graph)) {
    const fault = "no step of this body makes it. Return what a step of it makes.";
    throw new PipelineError(place, fault);
  }
  if (origin.step.graph !== graph) frame.lift(reference, { ...place, step: place.step ?? "" });
  checkWritten(origin.step, origin.output, place);
  return [origin.step.name, origin.output];
}

function controlFields(step: StepNode, control: Control, inner: Frame, itemInput?: string): Part {
  const lift = (reference: ParameterReference, field: string) => {
    checkOrigin(reference, step, field);
    return inner.lift(reference, { ...step.place, field });
  };
  if (control.kind === "condition") {
    const { expression } = control.condition;
    checkComparisons(expression, step);
    return { triggerPolicy: { condition: conditionText(expression, (reference) => lift(reference, "condition")) } };
  }
  const { parallelism, items, item } = control;
  if (parallelism !== undefined && (!Number.isInteger(parallelism) || parallelism < 1)) {
    const fault = `${shown(parallelism)} is no number of rounds. Give a whole number from 1, or leave it out.`;
    throw new PipelineError({ ...step.place, field: "parallelism" }, fault);
  }
  const place = { ...step.place, field: "items" };
  if (items instanceof ParameterReference) checkConnection(items, { parameterType: "LIST", omissible: false }, place);
  else checkItems(items, item, place);
  const source =
    items instanceof ParameterReference ? { inputParameter: lift(items, "items") } : { raw: JSON.stringify(items) };
  return {
    parameterIterator: { itemInput, items: source },
    ...(parallelism !== undefined && { iteratorPolicy: { parallelismLimit: parallelism } }),
  };
}

/** @throws PipelineError for what the backend would find out in the middle of a run */
function checkComparisons(expression: Expression, step: StepNode): void {
  const place = { ...step.place, field: "condition" };
  for (const { left, right } of comparisons(expression)) {
    const spec = { parameterType: left.parameterType, omissible: false };
    for (const side of [left, right]) {
      if ("constant" in side) checkConstant(side.constant, spec, place);
      else {
        checkConnection(side, spec, place);
        checkOrigin(side, step, "condition");
      }
    }
  }
}

function checkItems(items: readonly unknown[], item: ParameterSpec, place: Place): void {
  if (items.length === 0) throw new PipelineError(place, "there are none. Give one at least.");
  for (const value of items) checkConstant(value, item, place);
}

// Only dependentTasks order the steps: data alone does not.
const ordered = (producers: ReadonlySet<StepNode>): Part =>
  producers.size > 0 ? { dependentTasks: [...producers].map(({ name }) => name).sort() } : {};

function exitOrder(step: StepNode, handler: StepNode, producers: ReadonlySet<StepNode>): Part {
  const [first] = producers;
  if (first) {
    const fault = `it waits for "${first.name}", which may not have run. Give an exit step parameters, constants and the status.`;
    throw new PipelineError(step.place, fault);
  }
  return { dependentTasks: [handler.name], triggerPolicy: { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" } };
}

function allowSettings(step: StepNode, allowed: readonly string[], kind: string): void {
  const set = Object.entries(step.settings).filter(([, value]) => value !== undefined);
  const other = set.find(([field]) => !allowed.includes(field))?.[0];
  if (other !== undefined)
    throw new PipelineError(
      { ...step.place, field: other },
      `it is not for ${kind}. Set it on the steps of containers.`,
    );
}
