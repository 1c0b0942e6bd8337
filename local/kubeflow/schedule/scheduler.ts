import { createHash } from "node:crypto";
import type { Backend } from "../api/backend";
import { ApiError } from "../api/errors";
import { prepareRun } from "../api/new-run";
import type { RecurringRun, RuntimeState } from "../model";
import { timestamp } from "../api/times";
import { fillMacros } from "./macros";
import { dueTime } from "./times";

const ENDED: readonly RuntimeState[] = ["SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"];
const TICK_MILLISECONDS = 1000;

/**
 * Turns the times of recurring runs into runs. All it knows is in the store: a run and the mark that its time is done
 * with are one transaction, so that neither a crash nor a second look makes a run twice or leaves one out.
 */
export class Scheduler {
  constructor(private readonly backend: Backend) {}

  /** Until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { report } = this.backend;
    while (!signal.aborted) {
      await this.tick().catch((error: unknown) => report(`recurring runs: ${(error as Error).message}`));
      await new Promise<void>((done) => {
        const timer = setTimeout(finish, TICK_MILLISECONDS);
        signal.addEventListener("abort", finish, { once: true });
        function finish(): void {
          clearTimeout(timer);
          signal.removeEventListener("abort", finish);
          done();
        }
      });
    }
  }

  /** Makes every run that is due and that the concurrency of its recurring run allows. */
  async tick(): Promise<void> {
    const { store, now } = this.backend;
    const enabled = [...store.recurringRuns.all()].filter((recurring) => recurring.enabled);
    const due = enabled.filter((recurring) => dueTime(recurring, now()) !== undefined);
    if (due.length === 0) return;
    const active = this.activeRuns();
    for (const recurring of due) {
      const free = recurring.maxConcurrency - (active.get(recurring.id) ?? 0);
      for (let made = 0; made < free; made++) if (!(await this.makeNext(recurring.id))) break;
    }
  }

  private activeRuns(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { recurringRunId, state } of this.backend.store.runs.all()) {
      if (recurringRunId && !ENDED.includes(state)) counts.set(recurringRunId, (counts.get(recurringRunId) ?? 0) + 1);
    }
    return counts;
  }

  /** Whether a time was turned into a run. */
  private async makeNext(id: string): Promise<boolean> {
    const { store, engine, now } = this.backend;
    const recurring = store.recurringRuns.get(id);
    const time = recurring?.enabled ? dueTime(recurring, now()) : undefined;
    if (!recurring || time === undefined) return false;
    const index = (recurring.runCount ?? 0) + 1;
    try {
      const parameters = fillMacros(recurring.parameters, { scheduledAt: time, now: now(), index });
      const run = await prepareRun(this.backend, {
        ...recurring,
        displayName: `${recurring.displayName} ${timestamp(time)}`,
        parameters,
        id: runId(id, time),
        scheduledAt: time,
        recurringRunId: id,
      });
      const made = await this.settle(recurring, time, { runCount: index, error: undefined }, () => {
        // Made before a crash of a store that was then put back from a copy: the run is what counts.
        if (store.runs.get(run.id)) return false;
        run.put();
        return true;
      });
      if (made) engine.submit(run.id);
      return made;
    } catch (error) {
      // A cluster that is away is asked again; what will be refused for ever must not keep later times waiting.
      if (!(error instanceof ApiError) || error.code === 13 || error.code === 14) throw error;
      await this.settle(recurring, time, { error: `${timestamp(time)}: ${error.message}` }, () => false);
      return false;
    }
  }

  /** Does `work` and marks the time as done with, unless the recurring run was changed meanwhile. */
  private settle(
    { id, lastScheduledAt }: RecurringRun,
    time: number,
    changes: Partial<RecurringRun>,
    work: () => boolean,
  ): Promise<boolean> {
    const { store } = this.backend;
    return store.change(() => {
      const current = store.recurringRuns.get(id);
      if (!current?.enabled || current.lastScheduledAt !== lastScheduledAt) return false;
      const done = work();
      store.recurringRuns.put({ ...current, ...changes, lastScheduledAt: time });
      return done;
    });
  }
}

/** The same for the same time of the same recurring run, whoever asks. */
function runId(recurringRunId: string, time: number): string {
  const hex = createHash("sha256").update(`${recurringRunId} ${time}`).digest("hex");
  const groups = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return groups.join("-");
}
