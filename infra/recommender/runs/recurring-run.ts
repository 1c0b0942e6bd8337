import type { PipelinesClient } from "./client";
import type { RecurringRunInputs } from "./inputs";
import type { JsonObject, RecurringRunMessage } from "./messages";
import { found } from "./run";

/** Makes the schedule. One of the same name is left over from a deploy that was cut off, and goes. */
export async function createRecurringRun(client: PipelinesClient, inputs: RecurringRunInputs): Promise<string> {
  const { displayName, experimentId, maxConcurrency, catchUp } = inputs;
  for (const { recurring_run_id, display_name } of await client.recurringRuns(experimentId))
    if (display_name === displayName) await found(client.deleteRecurringRun(recurring_run_id));
  const made = await client.createRecurringRun({
    ...inputs,
    trigger: triggerOf(inputs),
    maxConcurrency,
    noCatchup: !catchUp,
  });
  return made.recurring_run_id;
}

/** Undefined where somebody has deleted it. */
export function readRecurringRun(client: PipelinesClient, id: string): Promise<RecurringRunMessage | undefined> {
  return found(client.getRecurringRun(id));
}

/** All that can change without a new schedule. */
export async function setEnabled(client: PipelinesClient, id: string, enabled: boolean): Promise<void> {
  await client.changeRecurringRun(id, enabled ? "enable" : "disable");
}

export async function deleteRecurringRun(client: PipelinesClient, id: string): Promise<void> {
  await found(client.deleteRecurringRun(id));
}

function triggerOf({ cron, intervalSeconds }: RecurringRunInputs): JsonObject {
  return cron !== undefined
    ? { cron_schedule: { cron } }
    : { periodic_schedule: { interval_second: String(intervalSeconds ?? 0) } };
}
