/** Why the work of a run ends before its end. */
export type Cause =
  /** The process ends; the next one takes the run up again. */
  | "closed"
  | "terminated"
  | "removed"
  /** It took longer than the pipeline allows. */
  | "deadline";

/** Thrown through whatever is under way when a run is interrupted: reason of its abort signal. */
export class Interruption extends Error {
  constructor(readonly why: Cause) {
    super(`The run is ${why}.`);
  }
}
