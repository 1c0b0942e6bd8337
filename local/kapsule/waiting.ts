import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

export interface Waiting {
  /** What is waited for, as the subject of "did not … within". */
  readonly subject: string;
  readonly timeoutMs: number;
  readonly intervalMs?: number;
  /** Where to look when it does not happen. */
  readonly remedy: string;
}

/** Polls until `probe` gives a value; errors of the probe count as "not yet", the last one is told at the end. */
export async function waitFor<T>(probe: () => Promise<T | undefined>, waiting: Waiting): Promise<T> {
  const deadline = Date.now() + waiting.timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) {
      const reason = last instanceof Error ? ` (${last.message})` : "";
      throw new Error(`${waiting.subject} within ${waiting.timeoutMs / 1000} s${reason}. ${waiting.remedy}`);
    }
    await pause(waiting.intervalMs ?? 75);
  }
}

/** Whether a TCP port accepts connections now. */
export function listens(address: string, port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, address);
    socket.once("connect", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}
