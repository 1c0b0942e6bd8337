import { callable, type Component, type None } from "./component";
import { PipelineError } from "./errors";
import { Graph, type GraphDefinition, write } from "./graph";
import { resultsOf, type OutputsOf } from "./results";
import { isParameter, type ArtifactSpec, type ParameterSpec, type Spec, type Specs } from "./types";
import { ArtifactReference, type Made, ParameterReference } from "./values";

/** A pipeline, whatever it takes and makes. */
export interface AnyPipeline {
  readonly definition: GraphDefinition;
}

/** A graph of steps. `compile` turns it into Kubeflow's format; called in the body of another pipeline, it is one step there. */
export interface Pipeline<I extends Specs = Specs, O extends Specs = Specs> extends Component<I, O>, AnyPipeline {
  readonly definition: GraphDefinition;
}

export interface PipelineOptions<
  P extends Readonly<Record<string, ParameterSpec>>,
  A extends Readonly<Record<string, ArtifactSpec>>,
> {
  /** What a run may set. */
  readonly parameters?: P;
  /** What another pipeline hands in; a run cannot. */
  readonly artifacts?: A;
  readonly displayName?: string;
  readonly description?: string;
}

export type InputsOf<I extends Specs> = { readonly [N in keyof I]: Made<I[N]> };

type Parameters = Readonly<Record<string, ParameterSpec>>;
type Artifacts = Readonly<Record<string, ArtifactSpec>>;

/**
 * Writes a pipeline: `body` is called once, with the parameters, and each component called in it is a step.
 * An object of values that it returns are the pipeline's outputs.
 * @param name lower-case letters, digits, `-`; at most 128 characters
 */
export function pipeline<R>(name: string, body: () => R): Pipeline<None, OutputsOf<R>>;
export function pipeline<const P extends Parameters = None, const A extends Artifacts = None, R = unknown>(
  name: string,
  options: PipelineOptions<P, A>,
  body: (inputs: InputsOf<P & A>) => R,
): Pipeline<P & A, OutputsOf<R>>;
export function pipeline(
  name: string,
  given: PipelineOptions<Parameters, Artifacts> | (() => unknown),
  written?: (inputs: never) => unknown,
): Pipeline {
  const options = typeof given === "function" ? {} : given;
  const body = typeof given === "function" ? given : (written as (inputs: unknown) => unknown);
  const { parameters = {}, artifacts = {}, displayName, description } = options;
  const inputs: Specs = { ...parameters, ...artifacts };
  const twice = Object.keys(parameters).find((input) => Object.hasOwn(artifacts, input));
  if (twice !== undefined) {
    const fault = "a parameter and an artifact have this name. Rename one of them.";
    throw new PipelineError({ pipeline: name, field: `input "${twice}"` }, fault);
  }
  const graph = new Graph("pipeline", name);
  const result = write(graph, () => body(inputsOf(graph, inputs)));
  const { outputs, results } = resultsOf(result);
  const definition: GraphDefinition = {
    kind: "graph",
    name,
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    inputs,
    outputs,
    results,
    graph,
  };
  return callable(definition) as Pipeline;
}

function inputsOf(graph: Graph, inputs: Specs): unknown {
  return Object.fromEntries(
    Object.entries<Spec>(inputs).map(([input, spec]) => {
      const optional = isParameter(spec) && spec.omissible && spec.default === undefined;
      const origin = { from: "input", graph, input, optional } as const;
      return [
        input,
        isParameter(spec)
          ? new ParameterReference(spec.parameterType, origin)
          : new ArtifactReference(spec.schemaTitle, spec.isList, origin),
      ];
    }),
  );
}

const context = (placeholder: string) =>
  new ParameterReference("STRING", { from: "context", placeholder: `{{$.${placeholder}}}` });

/** Facts of the run and the step, as values for inputs of type string. */
export const run = {
  /** Display name of the run. */
  name: context("pipeline_job_name"),
  id: context("pipeline_job_uuid"),
  /** RFC 3339. */
  createdAt: context("pipeline_job_create_time_utc"),
  /** RFC 3339. */
  scheduledAt: context("pipeline_job_schedule_time_utc"),
  taskName: context("pipeline_task_name"),
  taskId: context("pipeline_task_uuid"),
} as const;
