/** Tensors of a safetensors file: little-endian values behind a JSON header; nothing in it can run. */
export interface Safetensors {
  readonly metadata: Readonly<Record<string, string>>;
  tensor(name: string, dtype: Dtype): Tensor;
}

export interface Tensor {
  readonly shape: readonly number[];
  readonly bytes: Buffer;
}

export type Dtype = "F32" | "F64" | "I32" | "I64" | "U8";

const ELEMENT_BYTES: Record<Dtype, number> = { F32: 4, F64: 8, I32: 4, I64: 8, U8: 1 };
const LENGTH_BYTES = 8;

/**
 * Reads the header and checks that every tensor lies inside the file and is as long as its shape says.
 * @throws Error saying what is wrong with the file.
 */
export function parseSafetensors(file: Buffer): Safetensors {
  if (file.length < LENGTH_BYTES) throw new Error(`it has ${file.length} bytes, too few for a header`);
  const headerLength = Number(file.readBigUInt64LE());
  const start = LENGTH_BYTES + headerLength;
  if (start > file.length)
    throw new Error(`its header should have ${headerLength} bytes and the file ends before that`);
  const { __metadata__: metadata = {}, ...entries } = parseHeader(file.toString("utf8", LENGTH_BYTES, start));
  const data = file.subarray(start);
  return {
    metadata: metadata as Record<string, string>,
    tensor: (name, dtype) => tensorOf(entries[name], name, dtype, data),
  };
}

function parseHeader(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new Error("its header is not JSON");
  }
}

function tensorOf(entry: unknown, name: string, dtype: Dtype, data: Buffer): Tensor {
  const { dtype: found, shape, data_offsets } = (entry ?? {}) as Record<string, unknown>;
  if (!isNumbers(shape) || !isNumbers(data_offsets)) throw new Error(`it has no tensor "${name}"`);
  if (found !== dtype) throw new Error(`its tensor "${name}" is ${String(found)} where ${dtype} is wanted`);
  const [from = 0, to = 0] = data_offsets;
  const length = shape.reduce((product, size) => product * size, ELEMENT_BYTES[dtype]);
  if (to > data.length || from < 0 || to - from !== length)
    throw new Error(`its tensor "${name}" should have ${length} bytes; the file was cut off or damaged`);
  return { shape, bytes: data.subarray(from, to) };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((entry) => Number.isSafeInteger(entry));
}

/**
 * What the training wrote into the metadata, beside the format.
 * @throws Error where the layout of the tensors is another one than `format`
 */
export function factsOf({ metadata }: Safetensors, wanted: string): Record<string, unknown> {
  const { format, ...texts } = metadata;
  if (format !== wanted) throw new Error(`its format is "${format ?? ""}" where "${wanted}" is wanted`);
  try {
    return Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, JSON.parse(text) as unknown]));
  } catch {
    throw new Error("its metadata is not JSON");
  }
}

/** Texts that lie one after the other as UTF-8 in the tensor `name`, and end at the bytes of `<name>_ends`. */
export function texts(tensors: Safetensors, name: string): string[] {
  const { bytes } = tensors.tensor(name, "U8");
  const ends = new BigInt64Array(copied(tensors.tensor(`${name}_ends`, "I64").bytes));
  let start = 0;
  return Array.from(ends, (last) => {
    const end = Number(last);
    if (end < start || end > bytes.length) throw new Error(`its tensor "${name}_ends" does not fit "${name}"`);
    const text = bytes.toString("utf8", start, end);
    start = end;
    return text;
  });
}

/** A copy that begins at an address fit for wide elements and does not keep the file in memory. */
export function copied(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
