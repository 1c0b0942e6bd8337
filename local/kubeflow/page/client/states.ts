import type { RuntimeState } from "../../model";

/** How a state is said; its sign is for the eye, its label for everybody. */
export interface StateWord {
  readonly label: string;
  readonly sign: string;
  /** Class of the style sheet. */
  readonly look: "waiting" | "running" | "good" | "bad" | "quiet";
}

const WORDS: Readonly<Record<RuntimeState, StateWord>> = {
  PENDING: { label: "Pending", sign: "○", look: "waiting" },
  RUNNING: { label: "Running", sign: "▶", look: "running" },
  SUCCEEDED: { label: "Succeeded", sign: "✓", look: "good" },
  SKIPPED: { label: "Skipped", sign: "»", look: "quiet" },
  FAILED: { label: "Failed", sign: "✕", look: "bad" },
  CANCELING: { label: "Stopping", sign: "■", look: "running" },
  CANCELED: { label: "Stopped", sign: "■", look: "quiet" },
  PAUSED: { label: "Paused", sign: "‖", look: "waiting" },
};

const NOT_STARTED: StateWord = { label: "Not started", sign: "·", look: "quiet" };

/** States that a run can be filtered by. */
export const RUN_STATES: readonly RuntimeState[] = ["PENDING", "RUNNING", "SUCCEEDED", "FAILED", "CANCELING"];

export function wordOf(state: RuntimeState | undefined): StateWord {
  // A newer backend may say what this page does not know yet.
  return state === undefined ? NOT_STARTED : (WORDS[state] ?? { label: state, sign: "?", look: "quiet" });
}

/** Whether something in this state can still change by itself. */
export function isLive(state: RuntimeState): boolean {
  return state === "PENDING" || state === "RUNNING" || state === "CANCELING";
}
