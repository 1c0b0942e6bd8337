/**
 * Ctrl-C. While guarded work is under way it is told to end in peace, and a second Ctrl-C ends at once; anything else can
 * be taken up again from where it was, so there the first one ends at once.
 */
export class Interruption {
  private readonly controller = new AbortController();
  private guarded = 0;

  constructor() {
    process.on("SIGINT", () => {
      if (this.guarded === 0 || this.controller.signal.aborted) process.exit(130);
      console.error("\nInterrupted: ending what is under way; Ctrl-C again ends at once.");
      this.controller.abort();
    });
    process.on("SIGTERM", () => process.exit(143));
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
}
