import type { None } from "./component";
import type { ArtifactSpec, ParameterSpec, Specs } from "./types";
import { type ArtifactValue, isReference, ParameterReference, type ParameterValue, type Reference } from "./values";
import type { Results } from "./values";

/** Types of the values that a body returns; a body that returns anything else has no outputs. */
export type OutputsOf<R> = R extends Results
  ? {
      readonly [N in keyof R]: R[N] extends ParameterValue<infer T>
        ? ParameterSpec<T, false>
        : R[N] extends ArtifactValue<infer S, infer L>
          ? ArtifactSpec<S, L>
          : never;
    }
  : None;

/** As `OutputsOf`, of a body that runs once per item: every value becomes the list of them. */
export type Collected<R> = R extends Results
  ? {
      readonly [N in keyof R]: R[N] extends ParameterValue
        ? ParameterSpec<"LIST", false>
        : R[N] extends ArtifactValue<infer S, false>
          ? ArtifactSpec<S, true>
          : never;
    }
  : None;

/** The values that a body returned, with their types; nothing where it returned something else, such as a step. */
export function resultsOf(result: unknown): { outputs: Specs; results: Record<string, [Reference]> } {
  if (typeof result !== "object" || result === null || Object.getPrototypeOf(result) !== Object.prototype)
    return { outputs: {}, results: {} };
  const values = Object.entries(result).filter((entry): entry is [string, Reference] => isReference(entry[1]));
  return {
    outputs: Object.fromEntries(values.map(([name, value]) => [name, specOf(value)])),
    results: Object.fromEntries(values.map(([name, value]) => [name, [value]])),
  };
}

function specOf(value: Reference): ParameterSpec | ArtifactSpec {
  return value instanceof ParameterReference
    ? { parameterType: value.parameterType, omissible: false }
    : { schemaTitle: value.schemaTitle, isList: value.isList };
}
