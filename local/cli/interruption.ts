import { endDescendants } from "./descendants";

/**
 * Ctrl-C and SIGTERM. While guarded work is under way it is told to end in peace, and a second signal ends at once;
 * anything else can be taken up again from where it was, so there the first one ends at once, and builds with it.
 */
export class Interruption {
  private readonly controller = new AbortController();
  private guarded = 0;

  constructor() {
    process.once("exit", endDescendants);
    process.on("SIGINT", () => this.interrupt(130));
    process.on("SIGTERM", () => this.interrupt(143));
  }

  /** Runs work that ends by itself when the signal it is given is aborted. */
  async guard<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.guarded++;
    try {
      return await work(this.controller.signal);
    } finally {
      this.guarded--;
    }
  }

  /** Tells guarded work to end in peace, once. */
  end(reason: string): void {
    if (this.guarded === 0 || this.controller.signal.aborted) return;
    console.error(`\nInterrupted (${reason}): ending what is under way; Ctrl-C ends at once.`);
    this.controller.abort();
  }

  private interrupt(exitCode: number): void {
    if (this.guarded === 0 || this.controller.signal.aborted) process.exit(exitCode);
    this.end("by a signal");
  }
}
