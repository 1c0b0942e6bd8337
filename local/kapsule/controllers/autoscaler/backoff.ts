import type { Timing } from "./settings";

interface Entry {
  readonly until: number;
  readonly seconds: number;
  readonly reason: string;
}

/** Which pools may not grow for a while because their last growth failed. Times are milliseconds since the epoch. */
export class Backoff {
  private readonly entries = new Map<string, Entry>();

  constructor(private readonly timing: Timing) {}

  /** `transient`: the pool is not to blame; the pause is short and does not grow. */
  failed(poolId: string, reason: string, now: number, transient = false): void {
    const previous = this.entries.get(poolId);
    const first = transient ? this.timing.transientBackoffSeconds : this.timing.backoffSeconds;
    // A failure long after the last one starts from the beginning again.
    const recent = previous && !transient && now < previous.until + this.timing.maxBackoffSeconds * 1000;
    const seconds = recent ? Math.min(Math.max(previous.seconds * 2, first), this.timing.maxBackoffSeconds) : first;
    this.entries.set(poolId, { until: now + seconds * 1000, seconds, reason });
  }

  held(poolId: string, now: number): string | undefined {
    const entry = this.entries.get(poolId);
    if (!entry || now >= entry.until) return undefined;
    return `in backoff after failed scale-up (${entry.reason})`;
  }
}
