import { createHash } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
// An import would have a bundler take its other form, which does not work inside a CommonJS bundle. The native part is
// then looked for as build/Release/*.node beside the bundle.
// eslint-disable-next-line @typescript-eslint/no-require-imports
import lmdb = require("lmdb");
import type { CacheEntry, Experiment, PipelinePackage, RecurringRun, Run, Store, Table, Task } from "../model";

/** A store that holds files open. */
export interface OpenStore extends Store {
  close(): Promise<void>;
}

interface Identified {
  readonly id: string;
}

/** A run as it is kept: many runs share one package, which is far larger than all else they have. */
type StoredRun = Omit<Run, "package"> & { readonly packageDigest: string };

interface StoredPackage {
  readonly content: PipelinePackage;
  /** Runs that refer to it; with the last of them it goes. */
  readonly users: number;
}

/** Parsed packages that are kept at hand. */
const PACKAGES_AT_HAND = 16;

/**
 * Opens the state in a directory, or makes it. LMDB because its transactions survive SIGKILL at any instruction and
 * its pages are the kernel's memory, not this process's.
 */
export function openStore(directory: string): OpenStore {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const root = lmdb.open({ path: join(directory, "state.lmdb"), maxDbs: 16 });
  return new LmdbStore(root);
}

class LmdbStore implements OpenStore {
  readonly experiments: Table<Experiment>;
  readonly recurringRuns: Table<RecurringRun>;
  readonly cacheEntries: Table<CacheEntry>;
  readonly runs: Table<Run>;
  readonly tasks: Table<Task> & { ofRun(runId: string): Task[] };
  private changing = false;

  constructor(private readonly root: lmdb.RootDatabase) {
    const guard = (): void => {
      if (!this.changing) throw new Error("A table is only written inside Store.change.");
    };
    const table = <T extends Identified>(name: string) => new LmdbTable<T>(database(root, name), guard);
    this.experiments = table<Experiment>("experiments");
    this.recurringRuns = table<RecurringRun>("recurring-runs");
    this.cacheEntries = table<CacheEntry>("cache-entries");
    this.runs = new RunTable(database(root, "runs"), database(root, "packages"), guard);
    const byRun = root.openDB<string, string>({ name: "tasks-of-runs", dupSort: true, encoding: "ordered-binary" });
    this.tasks = new TaskTable(database(root, "tasks"), byRun, guard);
  }

  /** The work is done at once and seen at once; what is awaited is the disk. */
  async change<T>(work: () => T): Promise<T> {
    if (this.changing) throw new Error("Store.change cannot be nested.");
    this.changing = true;
    let result: T;
    try {
      result = this.root.transactionSync(work);
    } finally {
      this.changing = false;
    }
    await this.root.flushed;
    return result;
  }

  close(): Promise<void> {
    return this.root.close();
  }
}

function database<T>(root: lmdb.RootDatabase, name: string): lmdb.Database<T, string> {
  return root.openDB<T, string>({ name, encoding: "json" });
}

class LmdbTable<T extends Identified> implements Table<T> {
  constructor(
    protected readonly records: lmdb.Database<T, string>,
    protected readonly guard: () => void,
  ) {}

  get(id: string): T | undefined {
    return this.records.get(id);
  }

  all(): Iterable<T> {
    return this.records.getRange().map(({ value }) => value);
  }

  put(record: T): void {
    this.guard();
    this.records.putSync(record.id, record);
  }

  remove(id: string): void {
    this.guard();
    this.records.removeSync(id);
  }
}

class TaskTable extends LmdbTable<Task> {
  constructor(
    records: lmdb.Database<Task, string>,
    private readonly byRun: lmdb.Database<string, string>,
    guard: () => void,
  ) {
    super(records, guard);
  }

  ofRun(runId: string): Task[] {
    return [...this.byRun.getValues(runId)].flatMap((id) => this.get(id) ?? []);
  }

  override put(task: Task): void {
    super.put(task);
    this.byRun.putSync(task.runId, task.id);
  }

  override remove(id: string): void {
    const task = this.get(id);
    if (task) this.byRun.removeSync(task.runId, id);
    super.remove(id);
  }
}

class RunTable implements Table<Run> {
  private readonly atHand = new Map<string, PipelinePackage>();

  constructor(
    private readonly records: lmdb.Database<StoredRun, string>,
    private readonly packages: lmdb.Database<StoredPackage, string>,
    private readonly guard: () => void,
  ) {}

  get(id: string): Run | undefined {
    const stored = this.records.get(id);
    return stored && this.whole(stored);
  }

  all(): Iterable<Run> {
    return this.records.getRange().map(({ value }) => this.whole(value));
  }

  put({ package: content, ...run }: Run): void {
    this.guard();
    const before = this.records.get(run.id);
    const packageDigest = this.digestOf(content);
    if (before?.packageDigest !== packageDigest) {
      const users = this.packages.get(packageDigest)?.users ?? 0;
      this.packages.putSync(packageDigest, { content, users: users + 1 });
      if (before) this.release(before.packageDigest);
    }
    this.records.putSync(run.id, { ...run, packageDigest });
  }

  remove(id: string): void {
    this.guard();
    const stored = this.records.get(id);
    if (!stored) return;
    this.records.removeSync(id);
    this.release(stored.packageDigest);
  }

  private release(digest: string): void {
    const stored = this.packages.get(digest);
    if (stored && stored.users > 1) this.packages.putSync(digest, { ...stored, users: stored.users - 1 });
    else {
      this.packages.removeSync(digest);
      this.atHand.delete(digest);
    }
  }

  private whole({ packageDigest, ...run }: StoredRun): Run {
    return { ...run, package: this.packageOf(packageDigest) };
  }

  private packageOf(digest: string): PipelinePackage {
    const known = this.atHand.get(digest);
    if (known) return known;
    const stored = this.packages.get(digest);
    if (!stored) throw new Error(`The package ${digest} of a run is missing from the state directory.`);
    this.keepAtHand(digest, stored.content);
    return stored.content;
  }

  /** A package that was read here is recognised without being written out as text again. */
  private digestOf(content: PipelinePackage): string {
    for (const [digest, known] of this.atHand) if (known === content) return digest;
    return createHash("sha256").update(JSON.stringify(content)).digest("hex");
  }

  private keepAtHand(digest: string, content: PipelinePackage): void {
    const [oldest] = this.atHand.keys();
    if (this.atHand.size >= PACKAGES_AT_HAND && oldest !== undefined) this.atHand.delete(oldest);
    this.atHand.set(digest, content);
  }
}
