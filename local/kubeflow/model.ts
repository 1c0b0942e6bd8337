/** What the backend keeps, and what its parts ask of one another. Times are milliseconds since the epoch. */

import type { Readable } from "node:stream";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** States of runs and tasks, as the API names them. */
export type RuntimeState =
  "PENDING" | "RUNNING" | "SUCCEEDED" | "SKIPPED" | "FAILED" | "CANCELING" | "CANCELED" | "PAUSED";

export type StorageState = "AVAILABLE" | "ARCHIVED";

export interface StateChange {
  readonly time: number;
  readonly state: RuntimeState;
  readonly error?: string;
}

/** A compiled pipeline: the two documents of its file. */
export interface PipelinePackage {
  readonly pipelineSpec: JsonObject;
  readonly platformSpec?: JsonObject;
}

/** Objects of the cluster, by their UIDs. */
export interface PipelineVersionReference {
  readonly pipelineId: string;
  readonly pipelineVersionId?: string;
}

export interface Experiment {
  readonly id: string;
  readonly displayName: string;
  readonly description?: string;
  readonly createdAt: number;
  readonly storageState: StorageState;
  readonly lastRunCreatedAt?: number;
}

export interface Run {
  readonly id: string;
  readonly experimentId: string;
  readonly displayName: string;
  readonly description?: string;
  readonly state: RuntimeState;
  readonly storageState: StorageState;
  readonly createdAt: number;
  readonly scheduledAt: number;
  readonly finishedAt?: number;
  readonly serviceAccount?: string;
  /** Only what the caller passed; defaults come from the root's inputs. */
  readonly parameters: JsonObject;
  readonly pipelineRoot?: string;
  /** What runs, frozen when the run was made. */
  readonly package: PipelinePackage;
  /** The version it was taken from; absent where the caller sent a package. */
  readonly version?: PipelineVersionReference;
  readonly recurringRunId?: string;
  /** One sentence: the first task that failed, why, and the last lines of its log. */
  readonly error?: string;
  readonly history: readonly StateChange[];
}

export interface Artifact {
  readonly id: string;
  readonly name: string;
  /** Schema title, such as `system.Model`. */
  readonly type: string;
  readonly uri: string;
  readonly metadata: JsonObject;
}

export interface TaskValues {
  readonly parameters: JsonObject;
  readonly artifacts: Readonly<Record<string, readonly Artifact[]>>;
}

/** One try of a container task: a Job of the cluster. */
export interface Attempt {
  readonly jobName: string;
  readonly podName?: string;
  readonly nodeName?: string;
  readonly startedAt: number;
  /** When the container started. */
  readonly containerStartedAt?: number;
  readonly endedAt?: number;
  readonly exitCode?: number;
  /** Why it ended as it did, such as `OOMKilled`, `NodeLost`, `ImagePullBackOff`, with the sentence that says more. */
  readonly reason?: string;
  /** While it has not started yet: what it waits for, such as a node. */
  readonly message?: string;
  /** Whether something ended it that is not the step's fault, such as the loss of its node; it is then made up for. */
  readonly lost?: boolean;
}

export interface Task {
  readonly id: string;
  readonly runId: string;
  /** The task whose graph (DAG) this one stands in; absent for those of the root. */
  readonly parentId?: string;
  /** Key in its graph; iterations of a loop share it and differ in `iteration`. */
  readonly name: string;
  readonly displayName: string;
  readonly kind: "container" | "importer" | "dag" | "loop" | "iteration";
  readonly iteration?: number;
  readonly state: RuntimeState;
  /** Whether its outputs are those of an earlier task with the same fingerprint. */
  readonly cached: boolean;
  /** The task that made the outputs of a cached one. */
  readonly cachedFrom?: string;
  readonly createdAt: number;
  readonly startedAt?: number;
  readonly endedAt?: number;
  readonly inputs: TaskValues;
  readonly outputs: TaskValues;
  readonly attempts: readonly Attempt[];
  /** How many of the attempts were made before the run was last retried; they no longer count. */
  readonly attemptsBefore?: number;
  readonly error?: string;
  readonly history: readonly StateChange[];
}

/** Outputs that a later task with the same fingerprint takes over instead of running. */
export interface CacheEntry {
  /** The fingerprint. */
  readonly id: string;
  /** Whose outputs they are. */
  readonly taskId: string;
  readonly createdAt: number;
  readonly outputs: TaskValues;
  /** Artifacts with content: a hit needs all of them to be in the object storage still. */
  readonly written: readonly string[];
}

export type Trigger =
  | {
      readonly kind: "cron";
      /** Six fields, seconds first, or `@daily`, `@every 1h`. */
      readonly cron: string;
      readonly start?: number;
      readonly end?: number;
    }
  | { readonly kind: "interval"; readonly seconds: number; readonly start?: number; readonly end?: number };

export interface RecurringRun {
  readonly id: string;
  readonly experimentId: string;
  readonly displayName: string;
  readonly description?: string;
  readonly enabled: boolean;
  readonly trigger: Trigger;
  /** Runs of it at the same time, 1..10. */
  readonly maxConcurrency: number;
  /** Whether times that passed while it could not run are left out. */
  readonly noCatchup: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** Time of the schedule that was last turned into a run. */
  readonly lastScheduledAt?: number;
  readonly serviceAccount?: string;
  readonly parameters: JsonObject;
  readonly pipelineRoot?: string;
  readonly package?: PipelinePackage;
  readonly version?: PipelineVersionReference;
  /** Runs it has made so far. */
  readonly runCount?: number;
  /** Why the last time that was due could not be turned into a run. */
  readonly error?: string;
}

/** One kind of record, by id. Reads see the last committed change. */
export interface Table<T extends { readonly id: string }> {
  get(id: string): T | undefined;
  all(): Iterable<T>;
  /** Only inside `Store.change`. */
  put(record: T): void;
  /** Only inside `Store.change`. */
  remove(id: string): void;
}

/** All that outlives the process. */
export interface Store {
  readonly experiments: Table<Experiment>;
  readonly runs: Table<Run>;
  readonly recurringRuns: Table<RecurringRun>;
  readonly tasks: Table<Task> & { ofRun(runId: string): Task[] };
  readonly cacheEntries: Table<CacheEntry>;
  /** Runs `work` as one transaction; resolves once it is on disk. */
  change<T>(work: () => T): Promise<T>;
}

/** What carries runs out. A run is made by putting it PENDING into the store and calling `submit`. */
export interface Engine {
  /** Refuses what cannot be carried out, before a run exists. @throws Error with one sentence per fault */
  check(content: PipelinePackage): void;
  submit(runId: string): void;
  /** From PENDING or RUNNING to CANCELING, and to FAILED once all its work has stopped. */
  terminate(runId: string): Promise<void>;
  /** Starts a failed run again; what had succeeded is kept. */
  retry(runId: string): Promise<void>;
  /** Ends its work and forgets it. */
  remove(runId: string): Promise<void>;
  /** Text that a task's container wrote, while it runs and after its pod is gone. */
  log(taskId: string): Promise<string>;
}

/** Reads what lies at the URIs of artifacts. */
export interface ArtifactReader {
  /** One entry with an empty path for a file, the files of a directory by their paths in it, none where nothing is. */
  list(uri: string): Promise<readonly { readonly path: string; readonly bytes: number }[]>;
  /** Content of an entry, its first `bytes` where given. */
  read(uri: string, path: string, bytes?: number): Promise<Readable>;
}
