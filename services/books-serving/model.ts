import { createHash } from "node:crypto";
import { parseSafetensors, type Safetensors } from "./safetensors";
import { titleKey, withoutRemark } from "./titles";

/** An item with its title; the title is empty where the data has none. */
export interface Item {
  readonly item: string;
  readonly title: string;
}

export interface Neighbour extends Item {
  readonly score: number;
}

/** What a title was found to mean. */
export interface TitleMatch {
  /** Position of the most read item of that title. */
  readonly position: number;
  /** Positions of the other items of that title, most read first. */
  readonly others: readonly number[];
}

/** Layout of the tensors this reader knows. */
const FORMAT = "books-neighbours/1";

/** The table of neighbours in memory: typed arrays, looked up by id or title. */
export class Model {
  /** First twelve hexadecimal digits of the file's sha256. */
  readonly version: string;
  /** Items × n: positions of the neighbours, best first; -1 where there are none. */
  private readonly neighbours: Int32Array;
  private readonly scores: Float32Array;
  private readonly perItem: number;
  private readonly readers: Int32Array;
  private readonly ids: readonly string[];
  private readonly titles: readonly string[];
  private readonly positions: ReadonlyMap<string, number>;
  /** What each title is compared by; kept, for a search passes all of them. */
  private readonly keys: readonly string[];
  private readonly byTitle: ReadonlyMap<string, readonly number[]>;
  private readonly mostRead: readonly number[];
  /** Data, parameters and metrics, as the training wrote them. */
  readonly facts: Readonly<Record<string, unknown>>;

  /** @throws Error saying what is wrong with the file. */
  constructor(file: Buffer) {
    const tensors = parseSafetensors(file);
    const { format } = tensors.metadata;
    if (format !== FORMAT) throw new Error(`its format is "${format ?? ""}" where "${FORMAT}" is wanted`);
    this.version = createHash("sha256").update(file).digest("hex").slice(0, 12);
    this.facts = factsOf(tensors.metadata);
    this.ids = texts(tensors, "items");
    this.titles = texts(tensors, "titles");
    const table = tensors.tensor("neighbours", "I32");
    this.perItem = table.shape[1] ?? 0;
    this.neighbours = new Int32Array(copied(table.bytes));
    this.scores = new Float32Array(copied(tensors.tensor("scores", "F32").bytes));
    this.readers = new Int32Array(copied(tensors.tensor("readers", "I32").bytes));
    this.check();
    this.positions = new Map(this.ids.map((id, position) => [id, position]));
    this.mostRead = this.ids.map((_, position) => position).sort((a, b) => this.byReaders(a, b));
    this.keys = this.titles.map(titleKey);
    this.byTitle = this.indexTitles();
  }

  get size(): number {
    return this.ids.length;
  }

  item(position: number): Item {
    return { item: this.ids[position] ?? "", title: this.titles[position] ?? "" };
  }

  /** Position of an id; a check digit may be written small. */
  find(id: string): number | undefined {
    return this.positions.get(id) ?? this.positions.get(id.toUpperCase());
  }

  /** The items of a title, whatever its case, accents and remarks in brackets. */
  findTitle(title: string): TitleMatch | undefined {
    const [position, ...others] = this.byTitle.get(titleKey(title)) ?? [];
    return position === undefined ? undefined : { position, others };
  }

  /** The most read items whose title contains all the words of a text. */
  suggest(text: string, count: number): Item[] {
    const words = titleKey(text).split(" ").filter(Boolean);
    const found: Item[] = [];
    if (words.length === 0) return found;
    for (const position of this.mostRead) {
      const key = this.keys[position]!;
      if (words.every((word) => key.includes(word)) && found.push(this.item(position)) === count) break;
    }
    return found;
  }

  /** The best `count` others, score falling, then id; fewer where the data has no more. */
  neighboursOf(position: number, count: number): Neighbour[] {
    const found: Neighbour[] = [];
    const start = position * this.perItem;
    for (let at = start; at < start + Math.min(count, this.perItem); at++) {
      const other = this.neighbours[at]!;
      if (other < 0) break;
      // The scores are 32-bit floats: more digits than these would be noise.
      found.push({ ...this.item(other), score: Math.round(this.scores[at]! * 1e6) / 1e6 });
    }
    return found;
  }

  /** The items most people read. */
  popular(count: number): (Item & { readonly readers: number })[] {
    return this.mostRead
      .slice(0, count)
      .map((position) => ({ ...this.item(position), readers: this.readers[position]! }));
  }

  private byReaders(a: number, b: number): number {
    return this.readers[b]! - this.readers[a]! || a - b;
  }

  private check(): void {
    const items = this.ids.length;
    const cells = items * this.perItem;
    if (items === 0) throw new Error("it holds no item");
    if (this.perItem === 0) throw new Error("it holds no neighbours");
    const lengths = [this.titles.length, this.readers.length, this.neighbours.length, this.scores.length];
    if (String(lengths) !== String([items, items, cells, cells]))
      throw new Error(`its tensors do not fit together: ${items} items, but ${lengths.join(", ")} entries`);
    if (!this.neighbours.every((other) => other >= -1 && other < items))
      throw new Error("it names a neighbour that is not among its items");
  }

  /** Exact titles win over shortened ones; among equals the most read comes first. */
  private indexTitles(): Map<string, number[]> {
    const [exact, short] = [new Map<string, number[]>(), new Map<string, number[]>()];
    for (const position of this.mostRead) {
      const key = this.keys[position]!;
      if (key) append(exact, key, position);
      const bare = withoutRemark(this.titles[position]!);
      if (bare) append(short, titleKey(bare), position);
    }
    for (const [key, positions] of short) if (!exact.has(key)) exact.set(key, positions);
    return exact;
  }
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}

/** Texts kept as one run of UTF-8 and the end of each. */
function texts(tensors: Safetensors, name: string): string[] {
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
function copied(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}

function factsOf({ format: _, ...metadata }: Readonly<Record<string, string>>): Record<string, unknown> {
  try {
    return Object.fromEntries(Object.entries(metadata).map(([key, text]) => [key, JSON.parse(text) as unknown]));
  } catch {
    throw new Error("its metadata is not JSON");
  }
}
