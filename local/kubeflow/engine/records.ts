import { createHash } from "node:crypto";
import type { Attempt, RuntimeState, Store, Task, TaskValues } from "../model";

const FINAL: readonly RuntimeState[] = ["SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"];

export const NO_VALUES: TaskValues = { parameters: {}, artifacts: {} };

export function isFinal(state: RuntimeState): boolean {
  return FINAL.includes(state);
}

/** A UUID that is the same for the same words, whichever process asks. */
export function stableId(...words: readonly (string | number)[]): string {
  const hex = createHash("sha256").update(words.join("\n")).digest("hex");
  // Version 8: made as its maker likes.
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * The tasks of one run in the store. A task is found by its path: names of tasks and numbers of iterations from the
 * root, such as `for-loop-1/3/train`.
 */
export class TaskRecords {
  constructor(
    private readonly store: Store,
    private readonly runId: string,
    private readonly now: () => number,
  ) {}

  idOf(path: string): string {
    return stableId(this.runId, path);
  }

  get(path: string): Task | undefined {
    return this.store.tasks.get(this.idOf(path));
  }

  /** Makes the record of a task, or gives back the one that is there. */
  async open(
    path: string,
    task: Pick<Task, "name" | "displayName" | "kind" | "parentId" | "iteration" | "inputs">,
    state: RuntimeState,
    error?: string,
  ): Promise<Task> {
    const known = this.get(path);
    // A container that runs since an earlier process is not pending again.
    if (known && !isFinal(state))
      return this.change(known.id, { inputs: task.inputs, state: state === "PENDING" ? known.state : state });
    const time = this.now();
    const record: Task = {
      id: this.idOf(path),
      runId: this.runId,
      cached: false,
      createdAt: time,
      outputs: NO_VALUES,
      attempts: [],
      ...task,
      state,
      error,
      endedAt: isFinal(state) ? time : undefined,
      history: [{ time, state, error }],
    };
    await this.store.change(() => this.store.tasks.put(record));
    return record;
  }

  /** Changes a record; a new state is added to its history, and its times with it. */
  async change(id: string, change: Partial<Omit<Task, "id" | "runId" | "history">>): Promise<Task> {
    return this.store.change(() => {
      const changed = this.changed(id, change);
      this.store.tasks.put(changed);
      return changed;
    });
  }

  /** As `change`, inside a change of the store. */
  put(id: string, change: Partial<Omit<Task, "id" | "runId" | "history">>): Task {
    const changed = this.changed(id, change);
    this.store.tasks.put(changed);
    return changed;
  }

  /** Changes the last attempt, and the state of the task where one is given. */
  async changeAttempt(id: string, change: Partial<Attempt>, state?: RuntimeState): Promise<Task> {
    return this.store.change(() => {
      const { attempts } = this.existing(id);
      const last = attempts.at(-1);
      if (!last) throw new Error(`Task ${id} has no attempt.`);
      return this.put(id, { attempts: [...attempts.slice(0, -1), { ...last, ...change }], ...(state && { state }) });
    });
  }

  all(): Task[] {
    return this.store.tasks.ofRun(this.runId);
  }

  private existing(id: string): Task {
    const task = this.store.tasks.get(id);
    if (!task) throw new Error(`Task ${id} is not in the store.`);
    return task;
  }

  private changed(id: string, change: Partial<Task>): Task {
    const before = this.existing(id);
    const next = { ...before, ...change };
    if (change.state === undefined || change.state === before.state) return next;
    const time = this.now();
    return {
      ...next,
      startedAt: change.state === "RUNNING" ? (before.startedAt ?? time) : before.startedAt,
      endedAt: isFinal(change.state) ? (change.endedAt ?? time) : undefined,
      history: [...before.history, { time, state: change.state, error: change.error }],
    };
  }
}
