import { delay } from "../../kubernetes/cache";
import type { Caches } from "./kubernetes/caches";

/** Lets a burst of changes end in one run. */
const SETTLE_MILLISECONDS = 50;
/** Upper limit of the pause between runs: decisions depend on time too. */
const IDLE_MILLISECONDS = 1000;
const ERROR_MILLISECONDS = 1000;

/** Runs a controller's work again after each change of what it reads, and each second; never twice at a time. */
export class Loop {
  private wake: () => void = () => undefined;
  private pending = true;

  constructor(
    private readonly name: string,
    private readonly work: () => Promise<void>,
    private readonly kinds: readonly (keyof Caches)[],
    private readonly report: (message: string) => void,
  ) {}

  changed(kind: keyof Caches): void {
    if (!this.kinds.includes(kind)) return;
    this.pending = true;
    this.wake();
  }

  /** Until `signal` aborts. An error is reported once and the work is tried again. */
  async run(signal: AbortSignal): Promise<void> {
    let lastError = "";
    signal.addEventListener("abort", () => this.wake());
    while (!signal.aborted) {
      if (!this.pending) await this.idle();
      await delay(SETTLE_MILLISECONDS, signal);
      if (signal.aborted) return;
      this.pending = false;
      try {
        await this.work();
        lastError = "";
      } catch (error) {
        const { message } = error as Error;
        if (message !== lastError) this.report(`${this.name}: ${message}`);
        lastError = message;
        await delay(ERROR_MILLISECONDS, signal);
      }
    }
  }

  private async idle(): Promise<void> {
    const woken = new AbortController();
    this.wake = () => woken.abort();
    await delay(IDLE_MILLISECONDS, woken.signal);
    this.wake = () => undefined;
  }
}
