import type { Experiment } from "../../model";
import { type Fields, text, time } from "../filters";
import type { ExperimentMessage } from "../messages";
import { EPOCH, timestamp } from "../times";

export const EXPERIMENT_FIELDS: Fields<Experiment> = {
  created_at: time((experiment) => experiment.createdAt),
  id: text((experiment) => experiment.id),
  experiment_id: text((experiment) => experiment.id),
  name: text((experiment) => experiment.displayName),
  display_name: text((experiment) => experiment.displayName),
  description: text((experiment) => experiment.description),
  storage_state: text((experiment) => experiment.storageState),
  last_run_created_at: time((experiment) => experiment.lastRunCreatedAt),
  namespace: text(() => ""),
};

export function experimentMessage(experiment: Experiment): ExperimentMessage {
  const { lastRunCreatedAt } = experiment;
  return {
    experiment_id: experiment.id,
    display_name: experiment.displayName,
    description: experiment.description,
    created_at: timestamp(experiment.createdAt),
    storage_state: experiment.storageState,
    last_run_created_at: lastRunCreatedAt === undefined ? EPOCH : timestamp(lastRunCreatedAt),
  };
}
