/** Says in one sentence what is wrong, with the values involved and what would be right. */
export class StepError extends Error {}

/** The text of anything thrown, on one line. */
export function sentence(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, " ").trim();
}
