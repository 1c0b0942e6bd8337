import { setTimeout as pause } from "node:timers/promises";

/** Resolves with true as soon as the condition holds, with false once the time is over. */
export async function waitUntil(holds: () => boolean | Promise<boolean>, milliseconds: number): Promise<boolean> {
  const end = Date.now() + milliseconds;
  for (let delay = 5; ; delay = Math.min(delay * 1.5, 100)) {
    if (await holds()) return true;
    if (Date.now() > end) return false;
    await pause(delay);
  }
}
