import { checkConnection, checkConstant, shown } from "./check-values";
import { PipelineError, type Place } from "./errors";
import type { Frame } from "./frame";
import type { StepNode } from "./graph";
import { isParameter, type Json, type JsonObject, type ParameterSpec, type Spec } from "./types";
import { isReference, type Reference } from "./values";

/** Where each input of a step comes from. */
export interface StepInputs {
  readonly parameters: Record<string, JsonObject>;
  readonly artifacts: Record<string, JsonObject>;
}

/** Inputs as the call gave them, each checked; what the step must wait for goes to `producers`. */
export function stepInputs(step: StepNode, frame: Frame, producers: Set<StepNode>): StepInputs {
  const { definition, given } = step;
  const inputs: Readonly<Record<string, Spec>> = definition.inputs;
  refuseUnknown(step, inputs);
  const found: StepInputs = { parameters: {}, artifacts: {} };
  for (const [name, spec] of Object.entries(inputs)) {
    const field = `input "${name}"`;
    const place = { ...step.place, field };
    const value = given[name];
    if (isReference(value)) {
      checkConnection(value, spec, place);
      checkOrigin(value, step, field);
      const source = frame.source(value, step, field, producers);
      if (isParameter(spec)) found.parameters[name] = source;
      else found.artifacts[name] = source;
    } else if (isParameter(spec)) {
      const constant = constantFor(value, spec, place);
      if (constant !== undefined) found.parameters[name] = { runtimeValue: { constant } };
    } else {
      const fault = value === undefined ? "it is missing." : `${shown(value)} is no artifact.`;
      throw new PipelineError(place, `${fault} Give it the output of a step.`);
    }
  }
  return found;
}

/** @throws PipelineError where a value is taken that its producer never makes, or that only the exit step may have */
export function checkOrigin(reference: Reference, reader: StepNode, field: string): void {
  const { origin } = reference;
  const place = { ...reader.place, field };
  if (origin.from === "step") checkWritten(origin.step, origin.output, place);
  if (origin.from === "status" && reader.exitOf !== origin.step) {
    const fault = "the final status is for the exit step of the handler that hands it over. Take it there.";
    throw new PipelineError(place, fault);
  }
}

/** An output that its command never mentions would fail every run, after the step's work is done. */
export function checkWritten(producer: StepNode, output: string, place: Place): void {
  const { definition } = producer;
  if (definition.kind !== "container") return;
  const text = JSON.stringify([definition.command, definition.args]);
  if (text.includes(`$.outputs.parameters['${output}']`) || text.includes(`$.outputs.artifacts['${output}']`)) return;
  if (text.includes("{{$}}")) return;
  const fault = `step "${producer.name}" declares output "${output}" and never writes it. Mention outputs.${output}.path or executorInput in its command or args.`;
  throw new PipelineError(place, fault);
}

function refuseUnknown(step: StepNode, inputs: Readonly<Record<string, Spec>>): void {
  const unknown = Object.keys(step.given).find((name) => !Object.hasOwn(inputs, name));
  if (unknown === undefined) return;
  const known = Object.keys(inputs);
  const fault = `there is no such input. ${known.length > 0 ? `It has ${known.join(", ")}.` : "It takes none."}`;
  throw new PipelineError({ ...step.place, field: `input "${unknown}"` }, fault);
}

/** Defaults are written out: the backend does not put them in where a placeholder stands for the input. */
function constantFor(value: unknown, spec: ParameterSpec, place: Place): Json | undefined {
  const constant = value ?? spec.default;
  if (constant !== undefined) return checkConstant(constant, spec, place);
  if (spec.omissible) return undefined;
  throw new PipelineError(place, "it is missing. Give it a value or the output of a step.");
}
