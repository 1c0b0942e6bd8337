import type { Json, JsonObject, PipelinePackage } from "../model";
import { invalid } from "./errors";

/** The parts of a root input that decide what a run may pass. */
interface InputParameter {
  readonly parameterType?: string;
  readonly defaultValue?: Json;
  readonly isOptional?: boolean;
  readonly literals?: readonly Json[];
}

const FITS: Readonly<Record<string, { readonly test: (value: Json) => boolean; readonly is: string }>> = {
  NUMBER_DOUBLE: { test: (value) => typeof value === "number", is: "a number" },
  NUMBER_INTEGER: { test: (value) => Number.isInteger(value), is: "a whole number" },
  STRING: { test: (value) => typeof value === "string", is: "a text" },
  BOOLEAN: { test: (value) => typeof value === "boolean", is: "true or false" },
  LIST: { test: (value) => Array.isArray(value), is: "a list" },
  STRUCT: { test: (value) => typeof value === "object" && value !== null && !Array.isArray(value), is: "an object" },
};

/** Refuses parameters that the pipeline's inputs do not have, or have otherwise; all faults in one error. */
export function checkParameters({ pipelineSpec }: PipelinePackage, given: JsonObject): void {
  const inputs = inputsOf(pipelineSpec);
  const faults = [
    ...Object.keys(given)
      .filter((name) => !Object.hasOwn(inputs, name))
      .map((name) => `the pipeline has no parameter "${name}" (it has ${Object.keys(inputs).join(", ") || "none"})`),
    ...Object.entries(inputs).flatMap(([name, input]) => fault(name, input, given[name])),
  ];
  if (faults.length > 0) throw invalid(`The parameters do not fit: ${faults.join("; ")}.`);
}

function fault(name: string, input: InputParameter, value: Json | undefined): string[] {
  if (value === undefined) {
    const optional = input.isOptional === true || input.defaultValue !== undefined;
    return optional ? [] : [`"${name}" is missing and has no default`];
  }
  const fits = FITS[input.parameterType ?? ""];
  if (!fits) return [`"${name}" is of type ${input.parameterType ?? "(none)"}, which a run cannot pass`];
  if (!fits.test(value)) return [`"${name}" is ${JSON.stringify(value)} and must be ${fits.is}`];
  const literals = input.literals ?? [];
  const allowed =
    literals.length === 0 || literals.some((literal) => JSON.stringify(literal) === JSON.stringify(value));
  return allowed ? [] : [`"${name}" is ${JSON.stringify(value)} and must be one of ${JSON.stringify(literals)}`];
}

function inputsOf(spec: JsonObject): Readonly<Record<string, InputParameter>> {
  const { root } = spec as { root?: { inputDefinitions?: { parameters?: Record<string, InputParameter> } } };
  return root?.inputDefinitions?.parameters ?? {};
}
