/** What a version of a model consists of. */
export interface ModelFiles {
  readonly version: string;
  /** The model itself, in safetensors. */
  readonly file: Buffer;
  /** Figures of its evaluation. */
  readonly metrics: Readonly<Record<string, unknown>>;
  /** Reports of the steps that made it. */
  readonly training: object;
}

/**
 * `unchanged`: as at the last look, whatever came of that. `served`: the version that is served already.
 */
export type Found = ModelFiles | "unchanged" | "served";

/** Where models come from. */
export interface ModelSource {
  /** What is meant, for logs. */
  readonly description: string;
  /**
   * Looks whether another model is to be served.
   * @param serving version that is served
   * @throws Error with a sentence that says why there is none; asking again may help
   */
  next(serving: string | undefined): Promise<Found>;
  close(): void;
}
