import { createHash } from "node:crypto";
import type { Json } from "./messages";

/**
 * Name of the one run of a version with certain parameters: whoever looks for it finds it, also after a deploy that was
 * cut off between making the run and writing down its id.
 *
 * @param rerun changed to run the same once more
 */
export function runName(versionName: string, parameters: Json, rerun: string): string {
  const digest = createHash("sha256")
    .update(JSON.stringify([sorted(parameters), rerun]))
    .digest("hex");
  return `${versionName}-${digest.slice(0, 8)}`;
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  );
}
