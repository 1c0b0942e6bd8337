import type { RecurringRun, Trigger } from "../../model";
import { nextTime } from "../../schedule/times";
import { type Fields, text, time } from "../filters";
import type { RecurringRunMessage, TriggerMessage } from "../messages";
import { optionalTimestamp, timestamp } from "../times";
import { failure, runtimeConfigMessage, sourceMessage } from "./run";

export const RECURRING_RUN_FIELDS: Fields<RecurringRun> = {
  created_at: time((recurring) => recurring.createdAt),
  updated_at: time((recurring) => recurring.updatedAt),
  id: text((recurring) => recurring.id),
  recurring_run_id: text((recurring) => recurring.id),
  name: text((recurring) => recurring.displayName),
  display_name: text((recurring) => recurring.displayName),
  description: text((recurring) => recurring.description),
  experiment_id: text((recurring) => recurring.experimentId),
  status: text((recurring) => (recurring.enabled ? "ENABLED" : "DISABLED")),
};

export function recurringRunMessage(recurring: RecurringRun, namespace: string): RecurringRunMessage {
  return {
    recurring_run_id: recurring.id,
    experiment_id: recurring.experimentId,
    display_name: recurring.displayName,
    description: recurring.description,
    ...sourceMessage(recurring),
    runtime_config: runtimeConfigMessage(recurring),
    service_account: recurring.serviceAccount,
    max_concurrency: String(recurring.maxConcurrency),
    trigger: triggerMessage(recurring.trigger),
    mode: recurring.enabled ? "ENABLE" : "DISABLE",
    status: recurring.enabled ? "ENABLED" : "DISABLED",
    no_catchup: recurring.noCatchup,
    created_at: timestamp(recurring.createdAt),
    updated_at: timestamp(recurring.updatedAt),
    namespace,
    last_scheduled_at: optionalTimestamp(recurring.lastScheduledAt),
    next_scheduled_at: optionalTimestamp(recurring.enabled ? nextTime(recurring) : undefined),
    error: failure(recurring.error),
  };
}

function triggerMessage(trigger: Trigger): TriggerMessage {
  const bounds = { start_time: optionalTimestamp(trigger.start), end_time: optionalTimestamp(trigger.end) };
  return trigger.kind === "cron"
    ? { cron_schedule: { cron: trigger.cron, ...bounds } }
    : { periodic_schedule: { interval_second: String(trigger.seconds), ...bounds } };
}
