import type { LoadedModel, TensorSpec } from "./kind";
import { Refusal } from "./refusal";

/** Rows one request may ask for. */
export const MOST_ROWS = 1000;

/** Answer of the Open Inference Protocol to the question what the model takes and gives. */
export function modelMetadata(name: string, { version, platform, input, outputs, properties }: LoadedModel) {
  return { name, versions: [version], platform, inputs: [input], outputs, properties };
}

/**
 * Answers a request of the Open Inference Protocol.
 * @throws Refusal 400 where the request is malformed, or the model's own
 */
export function infer(name: string, model: LoadedModel, body: unknown) {
  const { inputs, id, outputs } = fields(body, "The body");
  const { input } = model;
  if (!Array.isArray(inputs) || inputs.length !== 1)
    throw new Refusal(400, `inputs has to be a list with the one input ${input.name}.`);
  const values = valuesOf(fields(inputs[0], "inputs[0]"), input);
  if (id !== undefined && typeof id !== "string") throw new Refusal(400, `id is ${show(id)}; it has to be a text.`);
  const wanted = wantedOutputs(outputs, model.outputs);
  const given = model.infer(values);
  return {
    model_name: name,
    model_version: model.version,
    ...(id === undefined ? {} : { id }),
    outputs: wanted ? given.filter((output) => wanted.has(output.name)) : given,
  };
}

function valuesOf({ name, datatype, shape, data }: Record<string, unknown>, input: TensorSpec) {
  if (name !== input.name) throw new Refusal(400, `inputs[0].name is ${show(name)}; the model takes "${input.name}".`);
  if (datatype !== input.datatype)
    throw new Refusal(400, `inputs[0].datatype is ${show(datatype)}; ${input.name} is "${input.datatype}".`);
  const values = flat(data, input);
  const width = input.shape.slice(1).reduce((product, size) => product * size, 1);
  const rows = values.length / width;
  if (rows === 0) throw new Refusal(400, "inputs[0].data is empty; give at least one row.");
  if (rows > MOST_ROWS)
    throw new Refusal(400, `inputs[0].data has ${Math.ceil(rows)} rows; one request may ask for ${MOST_ROWS}.`);
  const wanted = [rows, ...input.shape.slice(1)];
  if (!Number.isInteger(rows))
    throw new Refusal(400, `inputs[0].data has ${values.length} values; a row of ${input.name} has ${width}.`);
  if (!isShape(shape, wanted))
    throw new Refusal(400, `inputs[0].shape is ${show(shape)}; for this data it has to be [${wanted.join(",")}].`);
  return values;
}

function wantedOutputs(outputs: unknown, specs: readonly TensorSpec[]): Set<string> | undefined {
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs)) throw new Refusal(400, "outputs has to be a list.");
  const known = specs.map(({ name }) => name);
  const names = outputs.map((output, at) => fields(output, `outputs[${at}]`)["name"]);
  for (const name of names)
    if (typeof name !== "string" || !known.includes(name))
      throw new Refusal(400, `outputs names ${show(name)}; the model gives ${known.join(", ")}.`);
  return names.length === 0 ? undefined : new Set(names as string[]);
}

function fields(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Refusal(400, `${what} has to be a JSON object.`);
  return value as Record<string, unknown>;
}

/** Values of a list, nested or not, as the protocol allows. */
function flat(data: unknown, { name, datatype }: TensorSpec): (string | number)[] {
  const [type, word] = datatype === "BYTES" ? ["string", "text"] : ["number", "number"];
  if (!Array.isArray(data)) throw new Refusal(400, `inputs[0].data has to be a list of ${word}s.`);
  const values = data.flat() as unknown[];
  for (const value of values)
    if (typeof value !== type) throw new Refusal(400, `inputs[0].data holds ${show(value)}; ${name} is of ${word}s.`);
  return values as (string | number)[];
}

/** A column may be given as [n] or as [n, 1]. */
function isShape(shape: unknown, wanted: readonly number[]): boolean {
  if (!Array.isArray(shape)) return false;
  const trimmed = wanted.length === 1 && shape.length === 2 && shape[1] === 1 ? shape.slice(0, 1) : shape;
  return trimmed.length === wanted.length && wanted.every((size, at) => trimmed[at] === size);
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 60);
}
