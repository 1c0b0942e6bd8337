import type { Fault } from "./wire";

/** Faults of one package, gathered so that its author sees all of them at once. */
export class Faults {
  private readonly found: Fault[] = [];

  add(path: string, problem: string): void {
    this.found.push({ path, problem });
  }

  addAll(faults: readonly Fault[]): void {
    this.found.push(...faults);
  }

  get any(): boolean {
    return this.found.length > 0;
  }

  /** Runs a step of reading that throws sentences; undefined where it did. */
  attempt<T>(path: string, work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.add(path, (error as Error).message);
      return undefined;
    }
  }

  /** One sentence per fault. */
  get sentences(): string[] {
    return this.found.map(({ path, problem }) => `${path === "" ? "The document" : path}: ${problem}.`);
  }
}

/** A package that cannot be carried out, with one sentence per fault. */
export class InvalidPipelineError extends Error {
  constructor(
    name: string,
    readonly sentences: readonly string[],
  ) {
    super(`Pipeline "${name}" cannot run here. ${sentences.join("\n")}`);
  }
}
