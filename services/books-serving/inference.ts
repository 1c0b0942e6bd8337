import type { Model } from "./model";
import { Refusal } from "./refusal";

/** Neighbours in an answer, by protocol: fewer are filled up with empty texts and 0. */
export const ANSWERS = 10;
/** Items one request may ask for. */
export const MOST_ITEMS = 1000;

export const MODEL_NAME = "books";

const OUTPUTS = [
  { name: "neighbours", datatype: "BYTES", shape: [-1, ANSWERS] },
  { name: "titles", datatype: "BYTES", shape: [-1, ANSWERS] },
  { name: "scores", datatype: "FP32", shape: [-1, ANSWERS] },
  { name: "status", datatype: "BYTES", shape: [-1] },
] as const;

/** Answer of the Open Inference Protocol to the question what the model takes and gives. */
export function modelMetadata({ version, facts, size }: Model) {
  return {
    name: MODEL_NAME,
    versions: [version],
    platform: "books-neighbours",
    inputs: [{ name: "isbn", datatype: "BYTES", shape: [-1] }],
    outputs: OUTPUTS,
    properties: { ...facts, items: size },
  };
}

/**
 * Answers an inference request: input `isbn` BYTES [n] → neighbours, titles, scores [n, 10] and status [n] (`ok` or
 * `not found`).
 * @throws Refusal 400 where the request is malformed, 404 where none of its items is known.
 */
export function infer(model: Model, body: unknown) {
  const { isbns, id, wanted } = parse(body);
  const positions = isbns.map((isbn) => model.find(isbn));
  if (positions.every((position) => position === undefined))
    throw new Refusal(404, `No item of the model has the id ${isbns.slice(0, 5).join(", ")}.`, {
      notFound: isbns.slice(0, 5),
    });
  const rows = positions.map((position) => (position === undefined ? [] : model.neighboursOf(position, ANSWERS)));
  const cells = <T>(value: (row: (typeof rows)[number], at: number) => T) =>
    rows.flatMap((row) => Array.from({ length: ANSWERS }, (_, at) => value(row, at)));
  const shape = [isbns.length, ANSWERS];
  const outputs = [
    { name: "neighbours", datatype: "BYTES", shape, data: cells((row, at) => row[at]?.item ?? "") },
    { name: "titles", datatype: "BYTES", shape, data: cells((row, at) => row[at]?.title ?? "") },
    { name: "scores", datatype: "FP32", shape, data: cells((row, at) => row[at]?.score ?? 0) },
    {
      name: "status",
      datatype: "BYTES",
      shape: [isbns.length],
      data: positions.map((position) => (position === undefined ? "not found" : "ok")),
    },
  ];
  return {
    model_name: MODEL_NAME,
    model_version: model.version,
    ...(id === undefined ? {} : { id }),
    outputs: wanted ? outputs.filter(({ name }) => wanted.has(name)) : outputs,
  };
}

function parse(body: unknown): { isbns: string[]; id: string | undefined; wanted: Set<string> | undefined } {
  const { inputs, id, outputs } = fields(body, "The body");
  if (!Array.isArray(inputs) || inputs.length !== 1)
    throw new Refusal(400, "inputs has to be a list with the one input isbn.");
  const { name, datatype, shape, data } = fields(inputs[0], "inputs[0]");
  if (name !== "isbn") throw new Refusal(400, `inputs[0].name is ${show(name)}; the model takes "isbn".`);
  if (datatype !== "BYTES") throw new Refusal(400, `inputs[0].datatype is ${show(datatype)}; isbn is "BYTES".`);
  const isbns = flat(data);
  if (isbns.length === 0) throw new Refusal(400, "inputs[0].data is empty; give at least one id.");
  if (isbns.length > MOST_ITEMS)
    throw new Refusal(400, `inputs[0].data has ${isbns.length} ids; one request may ask for ${MOST_ITEMS}.`);
  if (!isShapeOf(shape, isbns.length))
    throw new Refusal(400, `inputs[0].shape is ${show(shape)}; for this data it has to be [${isbns.length}].`);
  if (id !== undefined && typeof id !== "string") throw new Refusal(400, `id is ${show(id)}; it has to be a text.`);
  return { isbns, id, wanted: wantedOutputs(outputs) };
}

function wantedOutputs(outputs: unknown): Set<string> | undefined {
  if (outputs === undefined) return undefined;
  if (!Array.isArray(outputs)) throw new Refusal(400, "outputs has to be a list.");
  const known = OUTPUTS.map(({ name }) => String(name));
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

/** Texts of a list, nested or not, as the protocol allows. */
function flat(data: unknown): string[] {
  if (!Array.isArray(data)) throw new Refusal(400, "inputs[0].data has to be a list of texts.");
  const texts = data.flat() as unknown[];
  for (const text of texts)
    if (typeof text !== "string") throw new Refusal(400, `inputs[0].data holds ${show(text)}; an id is a text.`);
  return texts as string[];
}

function isShapeOf(shape: unknown, length: number): boolean {
  return Array.isArray(shape) && shape[0] === length && (shape.length === 1 || (shape.length === 2 && shape[1] === 1));
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? "missing").slice(0, 60);
}
