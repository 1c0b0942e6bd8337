/** A small model, in the words of a test. */
export interface SmallModel {
  readonly items: readonly string[];
  readonly titles: readonly string[];
  readonly readers: readonly number[];
  /** For each item its neighbours with their scores, best first. */
  readonly neighbours: readonly (readonly (readonly [position: number, score: number])[])[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Potter twice under one title, Emma with an accent, and Persuasion that nobody else read. */
export const FOUR_BOOKS: SmallModel = {
  items: ["0001", "0002", "000X", "0009"],
  titles: ["Harry Potter (Book 1)", "Harry Potter", "Émma", ""],
  readers: [5, 9, 3, 1],
  neighbours: [
    [
      [1, 0.5],
      [2, 0.25],
    ],
    [[0, 0.5]],
    [[0, 0.25]],
    [],
  ],
};

const PER_ITEM = 10;

/** The model as the training writes it. */
export function modelFile({ items, titles, readers, neighbours, metadata = {} }: SmallModel): Buffer {
  const table = neighbours.map((row) => Array.from({ length: PER_ITEM }, (_, at) => row[at] ?? ([-1, 0] as const)));
  return safetensors(
    {
      items_ends: ["I64", [items.length], ends(items)],
      titles_ends: ["I64", [titles.length], ends(titles)],
      neighbours: ["I32", [items.length, PER_ITEM], bytesOf(new Int32Array(table.flat().map(([other]) => other)))],
      readers: ["I32", [items.length], bytesOf(new Int32Array(readers))],
      scores: ["F32", [items.length, PER_ITEM], bytesOf(new Float32Array(table.flat().map(([, score]) => score)))],
      items: text(items),
      titles: text(titles),
    },
    { format: "books-neighbours/1", data: JSON.stringify({ label: "Four books", name: "four.csv" }), ...metadata },
  );
}

/** A linear classifier, in the words of a test. */
export interface SmallClassifier {
  readonly format?: string;
  readonly classes: readonly string[];
  readonly features: readonly string[];
  /** Class after class, a number a feature. */
  readonly weights: readonly number[];
  readonly intercepts: readonly number[];
}

/** Flowers whose lengths sum up to less than 15 are small. */
export const TWO_SPECIES: SmallClassifier = {
  classes: ["small", "large"],
  features: ["a", "b", "c", "d"],
  weights: [-1, -1, -1, -1, 1, 1, 1, 1],
  intercepts: [15, -15],
};

/** The classifier as the training writes it. */
export function irisFile({ format = "linear-classifier/1", classes, features, weights, intercepts }: SmallClassifier) {
  return safetensors(
    {
      classes_ends: ["I64", [classes.length], ends(classes)],
      features_ends: ["I64", [features.length], ends(features)],
      coefficients: ["F64", [weights.length / features.length, features.length], bytesOf(new Float64Array(weights))],
      intercepts: ["F64", [intercepts.length], bytesOf(new Float64Array(intercepts))],
      classes: text(classes),
      features: text(features),
    },
    { format },
  );
}

type Part = readonly [dtype: string, shape: readonly number[], bytes: Buffer];

function safetensors(parts: Readonly<Record<string, Part>>, metadata: Readonly<Record<string, string>>): Buffer {
  let at = 0;
  const header = Object.fromEntries(
    Object.entries(parts).map(([name, [dtype, shape, { length }]]) => {
      const entry = { dtype, shape, data_offsets: [at, at + length] };
      at += length;
      return [name, entry];
    }),
  );
  const head = Buffer.from(JSON.stringify({ __metadata__: metadata, ...header }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  return Buffer.concat([length, head, ...Object.values(parts).map(([, , bytes]) => bytes)]);
}

function text(texts: readonly string[]): Part {
  const bytes = Buffer.from(texts.join(""));
  return ["U8", [bytes.length], bytes];
}

function ends(texts: readonly string[]): Buffer {
  let end = 0;
  return bytesOf(new BigInt64Array(texts.map((value) => BigInt((end += Buffer.byteLength(value))))));
}

function bytesOf({ buffer, byteOffset, byteLength }: NodeJS.TypedArray): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
