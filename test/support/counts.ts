/** How the tests of one stage ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Adds up the stages of a run. */
export function sum(all: readonly Counts[]): Counts {
  const add = (field: keyof Counts) => all.reduce((total, counts) => total + counts[field], 0);
  return { passed: add("passed"), failed: add("failed"), skipped: add("skipped") };
}

/** Reports a check that passes as a whole or fails as a whole. */
export function verdict(name: string, passed: boolean): Counts {
  console.log(`  ${passed ? "✔" : "✘"} ${name}`);
  return { passed: Number(passed), failed: Number(!passed), skipped: 0 };
}
