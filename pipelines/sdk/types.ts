/** Types of what flows between steps: the words of `component({ inputs, outputs })` and `pipeline(name, { parameters })`. */

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** Types of small values, as the intermediate representation (IR) of Kubeflow Pipelines names them. */
export type ParameterType =
  "STRING" | "NUMBER_INTEGER" | "NUMBER_DOUBLE" | "BOOLEAN" | "LIST" | "STRUCT" | "TASK_FINAL_STATUS";

/** Types of what lies in the object store. `system.Artifact` is any of them. */
export type SchemaTitle =
  | "system.Artifact"
  | "system.Dataset"
  | "system.Model"
  | "system.Metrics"
  | "system.ClassificationMetrics"
  | "system.HTML"
  | "system.Markdown";

/** What a constant of a parameter's type is in this language. A final status is only ever handed over by the backend. */
export type Literal<T extends ParameterType> = T extends "STRING"
  ? string
  : T extends "NUMBER_INTEGER" | "NUMBER_DOUBLE"
    ? number
    : T extends "BOOLEAN"
      ? boolean
      : T extends "LIST"
        ? readonly Json[]
        : T extends "STRUCT"
          ? JsonObject
          : never;

/** A parameter of a component or a pipeline. */
export interface ParameterSpec<T extends ParameterType = ParameterType, Omissible extends boolean = boolean> {
  readonly parameterType: T;
  /** Whether a call may leave it out, because it has a default or is optional. */
  readonly omissible: Omissible;
  readonly default?: Json;
  readonly description?: string;
  /** The only values it may have; empty or absent: any. */
  readonly literals?: readonly Json[];
}

/** A struct whose fields are known, so that the steps of a loop can take them apart. */
export interface RecordSpec<F extends RecordFields = RecordFields> extends ParameterSpec<"STRUCT", false> {
  readonly fields: F;
}
export type RecordFields = Readonly<Record<string, ParameterSpec>>;

/** An artifact of a component, or of a pipeline used inside another. */
export interface ArtifactSpec<S extends SchemaTitle = SchemaTitle, L extends boolean = boolean> {
  readonly schemaTitle: S;
  /** Whether it is what every round of a loop made, in the order of its items. */
  readonly isList: L;
  readonly description?: string;
}

export type Spec = ParameterSpec | ArtifactSpec;
export type Specs = Readonly<Record<string, Spec>>;

interface ParameterFactory<T extends ParameterType> {
  (options: {
    readonly default: Literal<T>;
    readonly description?: string;
    readonly literals?: readonly Literal<T>[];
  }): ParameterSpec<T, true>;
  /** Without a default; steps mention it only through `ifPresent`. */
  (options: { readonly optional: true; readonly description?: string }): ParameterSpec<T, true>;
  (options?: { readonly description?: string; readonly literals?: readonly Literal<T>[] }): ParameterSpec<T, false>;
}

const parameter = <T extends ParameterType>(parameterType: T) =>
  ((
    options: { default?: Literal<T>; optional?: true; description?: string; literals?: readonly Literal<T>[] } = {},
  ) => {
    const { optional, ...rest } = options;
    return { parameterType, omissible: optional === true || rest.default !== undefined, ...rest };
  }) as ParameterFactory<T>;

export const string = parameter("STRING");
/** A whole number of at most 53 bits: the IR keeps numbers as doubles. */
export const integer = parameter("NUMBER_INTEGER");
export const double = parameter("NUMBER_DOUBLE");
export const boolean = parameter("BOOLEAN");
export const list = parameter("LIST");
export const struct = parameter("STRUCT");

/** A struct with known fields, as the item of `forEach`. */
export const record = <const F extends RecordFields>(fields: F): RecordSpec<F> => ({
  parameterType: "STRUCT",
  omissible: false,
  fields,
});

/** How the steps below an exit handler ended: {state, error {code, message}, pipelineTaskName, pipelineJobResourceName}. */
export const finalStatus = (): ParameterSpec<"TASK_FINAL_STATUS", false> => ({
  parameterType: "TASK_FINAL_STATUS",
  omissible: false,
});

const artifactOf =
  <S extends SchemaTitle>(schemaTitle: S) =>
  (options: { readonly description?: string } = {}): ArtifactSpec<S, false> => ({
    schemaTitle,
    isList: false,
    ...options,
  });

/** Any artifact: as an input it takes all types, as an output it goes only into its like. */
export const artifact = artifactOf("system.Artifact");
export const dataset = artifactOf("system.Dataset");
export const model = artifactOf("system.Model");
export const metrics = artifactOf("system.Metrics");
export const classificationMetrics = artifactOf("system.ClassificationMetrics");
export const html = artifactOf("system.HTML");
export const markdown = artifactOf("system.Markdown");

/** What `forEach` collects of an artifact; a step reads it from the executor input. */
export const listOf = <S extends SchemaTitle>(spec: ArtifactSpec<S, false>): ArtifactSpec<S, true> => ({
  ...spec,
  isList: true,
});

export const isParameter = (spec: Spec): spec is ParameterSpec => "parameterType" in spec;
