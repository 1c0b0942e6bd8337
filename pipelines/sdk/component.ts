import {
  currentGraph,
  type ContainerDefinition,
  type Definition,
  type ImporterDefinition,
  type StepNode,
  type Word,
} from "./graph";
import type { StepSettings } from "./settings";
import { isParameter, string, type ArtifactSpec, type JsonObject, type SchemaTitle, type Specs } from "./types";
import { type Arguments, ArtifactReference, type Made, ParameterReference } from "./values";
import type { ParameterSpec, Spec } from "./types";
import { Step } from "./step";

/** No inputs or no outputs. */
export type None = Record<never, never>;

/** One use of a component: its outputs are what later steps take. */
export interface Task<O extends Specs> extends Step {
  readonly outputs: { readonly [N in keyof O]: Made<O[N]> };
}

export type Call<I extends Specs> =
  None extends Arguments<I>
    ? [given?: Arguments<I>, settings?: StepSettings]
    : [given: Arguments<I>, settings?: StepSettings];

/** Called in the body of a pipeline, it makes a step. */
export interface Component<I extends Specs = Specs, O extends Specs = Specs> {
  (...call: Call<I>): Task<O>;
  readonly definition: Definition;
}

/** What a command line writes for an input or an output; the backend puts the value in. */
type Mentioned<S extends Spec, Parameter> = S extends ParameterSpec
  ? Parameter
  : S extends ArtifactSpec
    ? { readonly path: string; readonly uri: string }
    : never;

export interface Mentions<I extends Specs, O extends Specs> {
  /** A parameter is its text, an artifact has the `path` of its copy and the `uri` of the original. */
  readonly inputs: { readonly [N in keyof I]: Mentioned<I[N], string> };
  /** `path` is the file to write: a parameter's text, or an artifact. Directories above it exist. */
  readonly outputs: { readonly [N in keyof O]: Mentioned<O[N], { readonly path: string }> };
  /** JSON of all inputs and outputs, with types, URIs and metadata, and where to write the outputs' metadata. */
  readonly executorInput: string;
}

/** Words for an optional input stand in `ifPresent`: they go where it is left out. */
export type WordOf<I extends Specs> =
  | string
  | {
      readonly ifPresent: keyof I & string;
      readonly then: readonly string[];
      readonly otherwise?: readonly string[];
    };

type Words<I extends Specs, O extends Specs> =
  readonly WordOf<I>[] | ((mentions: Mentions<I, O>) => readonly WordOf<I>[]);

export interface ComponentOptions<I extends Specs, O extends Specs> {
  /** Lower-case letters, digits, `-`; its steps are called so. */
  readonly name: string;
  readonly description?: string;
  /** Names have letters, digits and `_`. */
  readonly inputs?: I;
  readonly outputs?: O;
  /** May be left to the settings of its steps. */
  readonly image?: string;
  /** Program and first arguments; the image's own entry point never runs. */
  readonly command?: Words<I, O>;
  readonly args?: Words<I, O>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A container with typed inputs and outputs. */
export function component<const I extends Specs = None, const O extends Specs = None>(
  options: ComponentOptions<I, O>,
): Component<I, O> {
  const { name, description, inputs, outputs, image, env = {} } = options;
  const mentions = mention(inputs ?? {}, outputs ?? {}) as Mentions<I, O>;
  const words = (given: Words<I, O> = []): readonly Word[] => (typeof given === "function" ? given(mentions) : given);
  const definition: ContainerDefinition = {
    kind: "container",
    name,
    ...(description !== undefined && { description }),
    inputs: inputs ?? {},
    outputs: outputs ?? {},
    ...(image !== undefined && { image }),
    command: words(options.command),
    args: words(options.args),
    env,
  };
  return callable<I, O>(definition);
}

/** Takes what lies at a URI into the run as an artifact; a backend reads it only when a step asks for it. */
export function importer<S extends SchemaTitle>(options: {
  readonly name: string;
  readonly type: ArtifactSpec<S, false>;
  readonly metadata?: JsonObject;
  /** Whether each run makes a new artifact of it, which later steps then do not find in the cache. @default false */
  readonly reimport?: boolean;
}) {
  const { name, type, metadata = {}, reimport = false } = options;
  const definition: ImporterDefinition = {
    kind: "importer",
    name,
    inputs: { uri: string() },
    outputs: { artifact: type },
    metadata,
    reimport,
  };
  return callable<{ readonly uri: ParameterSpec<"STRING", false> }, { readonly artifact: ArtifactSpec<S, false> }>(
    definition,
  );
}

/** What makes a step of a definition, each time it is called. */
export function callable<I extends Specs, O extends Specs>(definition: Definition): Component<I, O> {
  const call = (given: Readonly<Record<string, unknown>> = {}, settings: StepSettings = {}) =>
    taskOf<O>(currentGraph(`Component "${definition.name}"`).add(definition, given, settings));
  return Object.assign(call, { definition });
}

/** What the body of a pipeline holds of a step. */
export function taskOf<O extends Specs>(node: StepNode): Task<O> {
  const outputs = Object.fromEntries(
    Object.entries<Spec>(node.definition.outputs).map(([output, spec]) => [output, outputOf(node, output, spec)]),
  );
  return Object.assign(new Step(node), { outputs }) as unknown as Task<O>;
}

export function outputOf(step: StepNode, output: string, spec: Spec): ParameterReference | ArtifactReference {
  const origin = { from: "step", step, output } as const;
  return isParameter(spec)
    ? new ParameterReference(spec.parameterType, origin)
    : new ArtifactReference(spec.schemaTitle, spec.isList, origin);
}

function mention(inputs: Specs, outputs: Specs) {
  const each = (specs: Specs, write: (name: string, spec: Spec) => unknown) =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, write(name, spec)]));
  const artifact = (side: "inputs" | "outputs", name: string) => ({
    path: `{{$.${side}.artifacts['${name}'].path}}`,
    uri: `{{$.${side}.artifacts['${name}'].uri}}`,
  });
  return {
    inputs: each(inputs, (name, spec) =>
      isParameter(spec) ? `{{$.inputs.parameters['${name}']}}` : artifact("inputs", name),
    ),
    outputs: each(outputs, (name, spec) =>
      isParameter(spec) ? { path: `{{$.outputs.parameters['${name}'].output_file}}` } : artifact("outputs", name),
    ),
    executorInput: "{{$}}",
  };
}
