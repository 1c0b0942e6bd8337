import type { CacheEntry, Task } from "../model";
import type { ContainerComponent } from "../ir/pipeline";
import type { RunContext } from "./run-context";

/**
 * Outputs of an earlier task with this fingerprint, if they are young enough and their artifacts are still stored.
 * Object storage that does not answer is no hit: the task then runs, and says what is wrong if that lasts.
 */
export async function cachedOutputs(
  { parts, now, signal }: RunContext,
  component: ContainerComponent,
  fingerprint: string,
): Promise<CacheEntry | undefined> {
  const entry = parts.store.cacheEntries.get(fingerprint);
  if (!entry) return undefined;
  if (component.maxStaleness !== undefined && now() - entry.createdAt >= component.maxStaleness) return undefined;
  try {
    const there = await Promise.all(entry.written.map((uri) => parts.objects.exists(uri, signal)));
    return there.every(Boolean) ? entry : undefined;
  } catch (error) {
    signal.throwIfAborted();
    parts.report(`cache: ${(error as Error).message}`);
    return undefined;
  }
}

/** Inside a change of the store: lets later tasks take these outputs over. */
export function remember(
  { parts, now }: RunContext,
  fingerprint: string,
  task: Task,
  written: readonly string[],
): void {
  const { id: taskId, outputs } = task;
  parts.store.cacheEntries.put({ id: fingerprint, taskId, createdAt: now(), outputs, written });
}
