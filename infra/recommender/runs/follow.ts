import { setTimeout as sleep } from "node:timers/promises";
import type { PipelinesClient } from "./client";
import { isOver, type RunMessage } from "./messages";
import { progressLines, type Reported } from "./progress";

export interface FollowOptions {
  /** When to give up, in milliseconds since the epoch. */
  readonly deadline: number;
  /** Told each line of progress. */
  readonly say: (line: string) => void;
}

/**
 * Asks for a run until it has ended, however it has; undefined where it had not by the deadline. A backend that is away
 * for a while (its pod moves) is waited for.
 */
export async function followRun(
  client: PipelinesClient,
  runId: string,
  { deadline, say }: FollowOptions,
): Promise<RunMessage | undefined> {
  const reported: Reported = new Map();
  const start = Date.now();
  for (;;) {
    const run = await client.getRun(runId);
    for (const line of progressLines(run, reported)) say(line);
    if (isOver(run.state)) return run;
    if (Date.now() > deadline) return undefined;
    // A run whose steps are all cached ends within a second, one on a GPU takes minutes.
    await sleep(Math.min(Math.max((Date.now() - start) / 10, 200), 3000));
  }
}
