import type { Kind, LoadedModel } from "./kind";
import type { ModelSource } from "./model-source";

/** What becomes of models, for logs and metrics. */
export interface ModelEvents<M extends LoadedModel> {
  loaded(model: M, milliseconds: number): void;
  /** There is another one, or should be one, that cannot be served; the one before it goes on answering. */
  refused(reason: string, servingVersion: string | undefined): void;
  /** What stood in the way is gone, and what is served is what should be. */
  mended(): void;
}

/** The model being served: exchanged when its source has another, kept when that one is broken. */
export class ModelHolder<M extends LoadedModel> {
  current: M | undefined;
  /** Why the model that should be served is not; undefined where it is. */
  problem: string | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly kind: Kind<M>,
    private readonly source: ModelSource,
    private readonly events: ModelEvents<M>,
  ) {}

  /** Looks once now, then again each period. */
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
    this.source.close();
  }

  private async look(): Promise<void> {
    try {
      const found = await this.source.next(this.current?.version);
      if (found === "unchanged") return;
      if (found !== "served") {
        const started = performance.now();
        const model = await this.kind.load(found);
        this.current = model;
        this.events.loaded(model, performance.now() - started);
      }
      if (this.problem !== undefined) this.events.mended();
      this.problem = undefined;
    } catch (error) {
      const { message } = error as Error;
      // The same fault at every look is one fault.
      if (message !== this.problem) this.events.refused(message, this.current?.version);
      this.problem = message;
    }
  }
}
