import type { PropertyMap } from "../support/values";
import { describe } from "./objects";
import { at, listAt, stringAt } from "./paths";
import type { Session } from "./session";

/** How long a deletion may take where `customTimeouts` says nothing. */
const DEFAULT_SECONDS = 600;

/**
 * Waits until an object is gone: nothing, or another object, has its name.
 *
 * @param timeoutSeconds 0 for the default
 * @throws Error that says what holds the object
 */
export async function awaitGone(
  session: Session,
  path: string,
  object: PropertyMap,
  timeoutSeconds: number,
  report: (message: string) => void,
): Promise<void> {
  const limit = timeoutSeconds > 0 ? timeoutSeconds : DEFAULT_SECONDS;
  const deadline = Date.now() + limit * 1000;
  const uid = stringAt(object, ["metadata", "uid"]);
  for (let pause = 50; ; pause = Math.min(pause * 1.5, 1000)) {
    const live = await session.client.find(path);
    if (!live || stringAt(live, ["metadata", "uid"]) !== uid) return;
    const holders = holdersOf(live);
    if (Date.now() > deadline) {
      throw new Error(`${describe(live)} is still there ${limit} s after its deletion was asked for: ${holders}.`);
    }
    report(holders);
    await session.pause(pause);
  }
}

/** What an object that is being deleted waits for. */
function holdersOf(live: PropertyMap): string {
  const problems = listAt(live, ["status", "conditions"])
    .filter((item) => at(item, ["status"]) === "True" && /^Namespace/.test(stringAt(item, ["type"]) ?? ""))
    .map((item) => stringAt(item, ["message"]) ?? "");
  const finalizers = [...listAt(live, ["metadata", "finalizers"]), ...listAt(live, ["spec", "finalizers"])].filter(
    (finalizer) => typeof finalizer === "string",
  );
  const named = finalizers.length > 0 ? `waits for ${finalizers.join(", ")}` : "waits for its end";
  return [named, ...problems.filter((message) => message !== "")].join("; ");
}
