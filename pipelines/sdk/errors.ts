/** Where in a pipeline something is wrong. */
export interface Place {
  readonly pipeline: string;
  readonly step?: string;
  /** Input, output or setting of the step. */
  readonly field?: string;
}

/** A pipeline that cannot be compiled: names pipeline, step and field, and says what to do. */
export class PipelineError extends Error {
  constructor(
    readonly place: Place,
    /** What is wrong, then the remedy; whole sentences. */
    readonly fault: string,
  ) {
    const { pipeline, step, field } = place;
    const where = [`Pipeline "${pipeline}"`, ...(step ? [`step "${step}"`] : []), ...(field ? [field] : [])];
    super(`${where.join(", ")}: ${fault}`);
    this.name = "PipelineError";
  }
}
