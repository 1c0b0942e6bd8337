import { PipelineError, type Place } from "./errors";

/** @throws PipelineError unless the name can be a key of a graph, and part of the names of pods */
export function checkStepName(name: string, place: Place): void {
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name) || name === "root") {
    const fault = `"${name}" cannot name a step. Take lower-case letters, digits and \`-\` between them, and not "root".`;
    throw new PipelineError(place, fault);
  }
  if (name.length > 63)
    throw new PipelineError(place, `"${name}" has ${name.length} characters. Shorten it to 63: it becomes a label.`);
}

/** @throws PipelineError unless the name can be that of an input or an output */
export function checkFieldName(name: string, side: "input" | "output", place: Place): void {
  const field = `${side} "${name}"`;
  if (!/^[A-Za-z0-9_]+$/.test(name))
    throw new PipelineError({ ...place, field }, "its name must have letters, digits and `_` only.");
  if (name.length > 128)
    throw new PipelineError({ ...place, field }, `its name has ${name.length} characters. Shorten it to 128.`);
}
