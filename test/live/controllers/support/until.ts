import { setTimeout as pause } from "node:timers/promises";

/** Asks every 50 ms until an answer is there; throws what was awaited, and the last error, when time is up. */
export async function until<T>(what: string, ask: () => Promise<T | undefined | false>, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last = "";
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined && answer !== false) return answer;
    } catch (error) {
      last = (error as Error).message;
    }
    if (Date.now() > deadline) throw new Error(`Waited ${seconds} s in vain: ${what}. ${last}`);
    await pause(50);
  }
}
