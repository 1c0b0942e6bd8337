import type { PropertyMap } from "../support/values";
import { UnreachableError } from "./api-error";
import { describe, isAnnotated, SKIP_AWAIT } from "./objects";
import { explainProblem, hindrance, judge } from "./readiness/readiness";
import type { Session } from "./session";

/** How long an object may take where `customTimeouts` says nothing. */
const DEFAULT_SECONDS = 600;
/** An API server that restarts meanwhile is waited for, this long. */
const OUTAGE_MILLISECONDS = 60_000;
/** A pull that fails is tried again by the kubelet, at first every few seconds; what fails for this long, fails. */
const BLOCKED_MILLISECONDS = 90_000;
/** Pods are asked why it takes so long only after this time: most objects are ready by then. */
const HINT_MILLISECONDS = 3000;

export interface Awaited {
  /** The object as last seen. */
  readonly live: PropertyMap;
  /** Why it is not ready; undefined when it is. */
  readonly problem?: string;
}

/**
 * Waits until an object is ready, and tells the engine meanwhile what is missing. Never throws for an object that is
 * not: it exists, so its state must be kept.
 *
 * @param timeoutSeconds 0 for the default
 */
export async function awaitReady(
  session: Session,
  urn: string,
  path: string,
  applied: PropertyMap,
  timeoutSeconds: number,
): Promise<Awaited> {
  if (isAnnotated(applied, SKIP_AWAIT)) return { live: applied };
  const limit = timeoutSeconds > 0 ? timeoutSeconds : DEFAULT_SECONDS;
  const start = Date.now();
  const report = reporter(session, urn);
  let live = applied;
  let lastAnswer = start;
  let blockedSince: number | undefined;
  for (let pause = 100; ; pause = Math.min(pause * 1.5, 1000)) {
    try {
      const verdict = await judge(session, live);
      if (verdict.state === "ready") return { live };
      if (verdict.state === "failed") return await problem(session, live, `failed: ${verdict.reason}`);
      if (Date.now() > start + limit * 1000) {
        return await problem(session, live, `is not ready after ${limit} s: ${verdict.reason}`);
      }
      const slow = Date.now() > start + HINT_MILLISECONDS;
      const { hint, block } = slow ? await hindrance(session, live) : {};
      blockedSince = block === undefined ? undefined : (blockedSince ?? Date.now());
      if (blockedSince !== undefined && Date.now() > blockedSince + BLOCKED_MILLISECONDS) {
        return await problem(session, live, `cannot start: ${block}`);
      }
      report(hint === undefined ? verdict.reason : `${verdict.reason}; ${hint}`);
      await session.pause(pause);
      const found = await session.client.find(path);
      if (!found) return { live, problem: `${describe(live)} was deleted while it was waited for.` };
      live = found;
      lastAnswer = Date.now();
    } catch (error) {
      if (session.signal.aborted) return { live, problem: `${describe(live)}: interrupted before it was ready.` };
      const outage = error instanceof UnreachableError && Date.now() < lastAnswer + OUTAGE_MILLISECONDS;
      if (!outage) return { live, problem: `${describe(live)} cannot be followed: ${(error as Error).message}` };
      report("the API server does not answer");
    }
  }
}

async function problem(session: Session, live: PropertyMap, what: string): Promise<Awaited> {
  const details = await explainProblem(session, live);
  return { live, problem: [`${describe(live)} ${what}`, ...details].join("\n") };
}

/** Shows a message when it is a new one; progress that repeats itself is noise. */
function reporter(session: Session, urn: string): (message: string) => void {
  let last = "";
  return (message) => {
    if (message === last) return;
    last = message;
    session.engine.log("info", message, { urn, ephemeral: true });
  };
}
