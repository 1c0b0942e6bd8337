import { breath, inSlices } from "../breath";
import type { LoadedModel, OutputTensor } from "../kind";
import type { ModelFiles } from "../model-source";
import { Refusal } from "../refusal";
import { copied, factsOf, parseSafetensors, type Safetensors, texts } from "../safetensors";
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
/** Neighbours in an answer, by protocol: fewer are filled up with empty texts and 0. */
export const ANSWERS = 10;
/** Titles whose keys are made at a time: about a millisecond's work. */
const SLICE = 1000;

/** The table of neighbours in memory: typed arrays, looked up by id or title. */
export class BooksModel implements LoadedModel {
  readonly platform = "books-neighbours";
  readonly input = { name: "isbn", datatype: "BYTES", shape: [-1] } as const;
  readonly outputs = [
    { name: "neighbours", datatype: "BYTES", shape: [-1, ANSWERS] },
    { name: "titles", datatype: "BYTES", shape: [-1, ANSWERS] },
    { name: "scores", datatype: "FP32", shape: [-1, ANSWERS] },
    { name: "status", datatype: "BYTES", shape: [-1] },
  ] as const;
  /** Items × n: positions of the neighbours, best first; -1 where there are none. */
  private readonly neighbours: Int32Array;
  private readonly scores: Float32Array;
  private readonly perItem: number;
  private readonly readers: Int32Array;
  private readonly ids: readonly string[];
  private readonly titles: readonly string[];
  private readonly positions = new Map<string, number>();
  /** What each title is compared by; kept, for a search passes all of them. */
  private readonly keys: string[] = [];
  private byTitle: ReadonlyMap<string, readonly number[]> = new Map();
  private mostRead: readonly number[] = [];
  /** Data, parameters and metrics, as training and evaluation wrote them. */
  readonly facts: Readonly<Record<string, unknown>>;

  private constructor(
    readonly version: string,
    tensors: Safetensors,
    metrics: Readonly<Record<string, unknown>>,
    readonly training: object,
  ) {
    const { metrics: own, ...facts } = factsOf(tensors, FORMAT);
    this.facts = { ...facts, metrics: { ...(own as object | undefined), ...metrics } };
    this.ids = texts(tensors, "items");
    this.titles = texts(tensors, "titles");
    const table = tensors.tensor("neighbours", "I32");
    this.perItem = table.shape[1] ?? 0;
    this.neighbours = new Int32Array(copied(table.bytes));
    this.scores = new Float32Array(copied(tensors.tensor("scores", "F32").bytes));
    this.readers = new Int32Array(copied(tensors.tensor("readers", "I32").bytes));
    this.check();
  }

  /** @throws Error saying what is wrong with the file. */
  static async load({ version, file, metrics, training }: ModelFiles): Promise<BooksModel> {
    const model = new BooksModel(version, parseSafetensors(file), metrics, training);
    await breath();
    await model.index();
    return model;
  }

  get properties() {
    return { ...this.facts, items: this.size };
  }

  /** Neighbours, titles, scores and status (`ok`, `not found`) of ids. @throws Refusal 404 where none of them is known. */
  infer(isbns: readonly (string | number)[]): OutputTensor[] {
    const positions = isbns.map((isbn) => this.find(String(isbn)));
    if (positions.every((position) => position === undefined))
      throw new Refusal(404, `No item of the model has the id ${isbns.slice(0, 5).join(", ")}.`, {
        notFound: isbns.slice(0, 5),
      });
    const rows = positions.map((position) => (position === undefined ? [] : this.neighboursOf(position, ANSWERS)));
    const cells = <T>(value: (row: (typeof rows)[number], at: number) => T) =>
      rows.flatMap((row) => Array.from({ length: ANSWERS }, (_, at) => value(row, at)));
    const shape = [isbns.length, ANSWERS];
    return [
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
  private async index(): Promise<void> {
    await inSlices(this.size, SLICE, (position) => {
      this.positions.set(this.ids[position]!, position);
      this.keys.push(titleKey(this.titles[position]!));
    });
    this.mostRead = this.ids.map((_, position) => position).sort((a, b) => this.byReaders(a, b));
    await breath();
    const [exact, short] = [new Map<string, number[]>(), new Map<string, number[]>()];
    await inSlices(this.size, SLICE, (rank) => {
      const position = this.mostRead[rank]!;
      const key = this.keys[position]!;
      if (key) append(exact, key, position);
      const bare = withoutRemark(this.titles[position]!);
      if (bare) append(short, titleKey(bare), position);
    });
    for (const [key, positions] of short) if (!exact.has(key)) exact.set(key, positions);
    this.byTitle = exact;
  }
}

function append(map: Map<string, number[]>, key: string, value: number): void {
  const values = map.get(key);
  if (values) values.push(value);
  else map.set(key, [value]);
}
