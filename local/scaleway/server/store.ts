import { EventEmitter, once } from "node:events";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { writeWhole } from "../../whole-file";

/** Anything the API keeps: found by its id, of one kind. */
export interface Stored {
  readonly id: string;
}

/**
 * State of the emulated account: one JSON file per collection, written aside and renamed before a call is answered,
 * so that what an answer promised is there after a kill. Files hold secrets and are for their owner only.
 */
export class Store {
  private readonly collections = new Map<string, Collection<Stored>>();
  private readonly changes = new EventEmitter().setMaxListeners(0);

  constructor(private readonly directory: string) {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  collection<T extends Stored>(name: string): Collection<T> {
    let found = this.collections.get(name);
    if (!found) {
      found = new Collection<Stored>(join(this.directory, `${name}.json`), () => this.changes.emit("change"));
      this.collections.set(name, found);
    }
    return found as unknown as Collection<T>;
  }

  /** Resolves at the next change of any collection, or when the signal aborts. */
  async changed(signal: AbortSignal): Promise<void> {
    await once(this.changes, "change", { signal }).catch(() => undefined);
  }
}

export class Collection<T extends Stored> {
  private readonly records: Map<string, T>;

  constructor(
    private readonly file: string,
    private readonly onChange: () => void,
  ) {
    this.records = new Map(readRecords<T>(file).map((record) => [record.id, record]));
  }

  get(id: string): T | undefined {
    return this.records.get(id);
  }

  /** In the order of creation. */
  all(): T[] {
    return [...this.records.values()];
  }

  filter(predicate: (record: T) => boolean): T[] {
    return this.all().filter(predicate);
  }

  put(record: T): T {
    this.records.set(record.id, record);
    this.save();
    return record;
  }

  /** Replaces some fields of a record that is there; undefined where it has gone meanwhile. */
  patch(id: string, fields: Partial<T>): T | undefined {
    const record = this.records.get(id);
    return record && this.put({ ...record, ...fields });
  }

  delete(id: string): void {
    if (this.records.delete(id)) this.save();
  }

  private save(): void {
    writeWhole(this.file, JSON.stringify(this.all()));
    this.onChange();
  }
}

function readRecords<T>(file: string): T[] {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as T[];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw new Error(`${file} cannot be read: ${(error as Error).message}. Restore it, or remove the state directory.`, {
      cause: error,
    });
  }
}
