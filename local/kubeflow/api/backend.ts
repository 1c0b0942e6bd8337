import type { Catalog } from "../catalog/catalog";
import type { ArtifactReader, Engine, Store } from "../model";

/** What the API, the webhook and the schedules work on. */
export interface Backend {
  readonly store: Store;
  readonly engine: Engine;
  readonly catalog: Catalog;
  readonly artifacts: ArtifactReader;
  /** Where pipelines lie and runs run. */
  readonly namespace: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly report: (message: string) => void;
}
