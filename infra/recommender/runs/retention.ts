import type { PipelinesClient } from "./client";
import type { RetentionInputs } from "./inputs";
import { isOver, type RecurringRunMessage, type RunMessage, type VersionMessage } from "./messages";
import { found } from "./run";
import { timeOf } from "./progress";

/** What an experiment and its pipeline hold. */
export interface History {
  readonly runs: readonly RunMessage[];
  readonly recurringRuns: readonly RecurringRunMessage[];
  readonly versions: readonly VersionMessage[];
}

export interface Surplus {
  readonly runIds: readonly string[];
  readonly versionIds: readonly string[];
}

/**
 * What is too old to keep. Runs: all that have ended but the newest `runs`. Versions: all but the newest `versions`,
 * and but those that a schedule, a kept run outside the archive, or the stack itself refers to.
 */
export function surplus(history: History, keep: RetentionInputs): Surplus {
  const ended = history.runs.filter(({ run_id, state }) => isOver(state) && run_id !== keep.runId);
  // The stack's own run is one of those that are kept.
  const oldRuns = newestFirst(ended, (run) => run.created_at).slice(Math.max(keep.runs - 1, 0));
  const runIds = oldRuns.map(({ run_id }) => run_id);
  const used = new Set([
    keep.versionId,
    ...history.recurringRuns.map(versionOf),
    ...history.runs
      .filter(({ run_id, storage_state }) => storage_state !== "ARCHIVED" && !runIds.includes(run_id))
      .map(versionOf),
  ]);
  const versionIds = newestFirst(history.versions, (version) => version.created_at)
    .slice(keep.versions)
    .map(({ pipeline_version_id }) => pipeline_version_id)
    .filter((id) => !used.has(id));
  return { runIds, versionIds };
}

/** Deletes what is too old. What is gone already is no failure. */
export async function prune(
  client: PipelinesClient,
  inputs: RetentionInputs,
  say: (line: string) => void,
): Promise<void> {
  const { experimentId, pipelineId } = inputs;
  const history: History = {
    runs: await client.runs(experimentId),
    recurringRuns: await client.recurringRuns(experimentId),
    versions: await client.versions(pipelineId),
  };
  const { runIds, versionIds } = surplus(history, inputs);
  for (const id of runIds) await found(client.deleteRun(id));
  for (const id of versionIds) await found(client.deleteVersion(pipelineId, id));
  if (runIds.length + versionIds.length > 0)
    say(`removed ${runIds.length} old runs and ${versionIds.length} old versions`);
}

function versionOf({ pipeline_version_reference }: RunMessage | RecurringRunMessage): string {
  return pipeline_version_reference?.pipeline_version_id ?? "";
}

/** Stable, so that two of the same second stay in the order of the API. */
function newestFirst<T>(items: readonly T[], createdAt: (item: T) => string | undefined): T[] {
  return [...items].sort((a, b) => (timeOf(createdAt(b)) ?? 0) - (timeOf(createdAt(a)) ?? 0));
}
