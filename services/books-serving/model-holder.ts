import { readFile, stat } from "node:fs/promises";
import { Model } from "./model";

/** What happens to the model file, for logs and metrics. */
export interface ModelEvents {
  loaded(model: Model, milliseconds: number): void;
  /** The file is there but cannot be used; the model before it goes on answering. */
  refused(reason: string, servingVersion: string | undefined): void;
}

/** The model being served: exchanged when its file changes, kept when the new one is broken. */
export class ModelHolder {
  current: Model | undefined;
  private seen = "";
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly file: string,
    private readonly events: ModelEvents,
  ) {}

  /** Looks once now, then again each period. A shared volume tells nobody of its changes, so they are looked for. */
  async watch(periodMilliseconds: number): Promise<void> {
    await this.look();
    const again = () => {
      this.timer = setTimeout(() => void this.look().then(again), periodMilliseconds);
      this.timer.unref();
    };
    again();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  /** Loads the file if it is another one than last time. */
  async look(): Promise<void> {
    try {
      const { ino, mtimeMs, size } = await stat(this.file);
      const identity = `${ino} ${mtimeMs} ${size}`;
      if (identity === this.seen) return;
      const started = performance.now();
      const bytes = await readFile(this.file);
      // A broken file is not read again until it changes.
      this.seen = identity;
      const model = new Model(bytes);
      this.current = model;
      this.events.loaded(model, performance.now() - started);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code === "ENOENT") {
        // No model yet, or taken away: nothing to say until there is one again.
        if (this.seen !== "missing") this.events.refused(`${this.file} is missing`, this.current?.version);
        this.seen = "missing";
      } else this.events.refused(`${this.file} cannot be served: ${message}`, this.current?.version);
    }
  }
}
