import { PipelineError, type Place } from "./errors";
import type { Json, ParameterSpec, ParameterType, Spec } from "./types";
import { isParameter } from "./types";
import { ArtifactReference, isReference, ParameterReference, type Reference } from "./values";

const WORDS: Readonly<Record<ParameterType, string>> = {
  STRING: "a string",
  NUMBER_INTEGER: "a whole number",
  NUMBER_DOUBLE: "a number",
  BOOLEAN: "true or false",
  LIST: "a list",
  STRUCT: "an object",
  TASK_FINAL_STATUS: "the status that exitHandler hands to its exit",
};

/** Whether a constant is of a type; components from files are typed only when the pipeline is written. */
function isOfType(value: unknown, type: ParameterType): boolean {
  switch (type) {
    case "STRING":
      return typeof value === "string";
    case "NUMBER_INTEGER":
      return Number.isSafeInteger(value);
    case "NUMBER_DOUBLE":
      return Number.isFinite(value);
    case "BOOLEAN":
      return typeof value === "boolean";
    case "LIST":
      return Array.isArray(value);
    case "STRUCT":
      return typeof value === "object" && value !== null && !Array.isArray(value) && !isReference(value);
    case "TASK_FINAL_STATUS":
      return false;
  }
}

/** @throws PipelineError unless a constant may stand for the parameter */
export function checkConstant(value: unknown, spec: ParameterSpec, place: Place): Json {
  const { parameterType, literals = [] } = spec;
  if (!isOfType(value, parameterType))
    throw new PipelineError(place, `${shown(value)} is not ${WORDS[parameterType]}. Give ${WORDS[parameterType]}.`);
  if (literals.length > 0 && !literals.some((literal) => JSON.stringify(literal) === JSON.stringify(value)))
    throw new PipelineError(place, `${shown(value)} is none of ${literals.map(shown).join(", ")}. Give one of them.`);
  if (typeof value === "string" && value.includes("{{$")) {
    const fault = `${shown(value)} has a placeholder. Give facts of the run as run.id and the like, the whole value.`;
    throw new PipelineError(place, fault);
  }
  return value as Json;
}

/** @throws PipelineError unless what one step makes is what the other takes */
export function checkConnection(reference: Reference, spec: Spec, place: Place): void {
  const [from, to] = [typeOfReference(reference), typeOfSpec(spec)];
  const any =
    !isParameter(spec) &&
    spec.schemaTitle === "system.Artifact" &&
    reference instanceof ArtifactReference &&
    reference.isList === spec.isList;
  if (from !== to && !any)
    throw new PipelineError(place, `it takes ${to} and is given ${from}${named(reference)}. Connect one of its type.`);
  const { origin } = reference;
  if (origin.from === "input" && origin.optional && isParameter(spec) && !spec.omissible) {
    const fault = `it needs a value, and parameter "${origin.input}" may have none. Give the parameter a default.`;
    throw new PipelineError(place, fault);
  }
}

const typeOfReference = (reference: Reference) =>
  reference instanceof ParameterReference
    ? reference.parameterType
    : `${reference.isList ? "list of " : ""}${reference.schemaTitle}`;

export const typeOfSpec = (spec: Spec): string =>
  isParameter(spec) ? spec.parameterType : `${spec.isList ? "list of " : ""}${spec.schemaTitle}`;

function named({ origin }: Reference): string {
  if (origin.from === "step") return ` (output "${origin.output}" of step "${origin.step.name}")`;
  return origin.from === "input" ? ` (input "${origin.input}" of the pipeline)` : "";
}

export const shown = (value: unknown): string => JSON.stringify(value) ?? String(value);
