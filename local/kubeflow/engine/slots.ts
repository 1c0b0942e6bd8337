/** Lets a number of holders in at a time, in the order in which they came. */
export class Slots {
  private readonly waiting: (() => void)[] = [];

  /** @param free how many may hold a slot at the same time */
  constructor(private free: number) {}

  /** Runs the work once there is a slot. Rejects with the signal's reason where it aborts before. */
  async within<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    await this.take(signal);
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free++;
    }
  }

  private take(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.free > 0) {
      this.free--;
      return Promise.resolve();
    }
    return new Promise((done, fail) => {
      const enter = () => {
        signal.removeEventListener("abort", leave);
        done();
      };
      const leave = () => {
        this.waiting.splice(this.waiting.indexOf(enter), 1);
        fail(signal.reason as Error);
      };
      signal.addEventListener("abort", leave, { once: true });
      this.waiting.push(enter);
    });
  }
}
