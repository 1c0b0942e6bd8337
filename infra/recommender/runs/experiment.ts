import type { PipelinesClient } from "./client";
import { PipelinesError } from "./client";
import type { ExperimentInputs } from "./inputs";
import type { ExperimentMessage } from "./messages";
import { found } from "./run";

/** Makes the experiment of a name, or takes the one that is there and brings it back from the archive. */
export async function createExperiment(client: PipelinesClient, { displayName }: ExperimentInputs): Promise<string> {
  const { experiment_id: id, storage_state } = await findOrMake(client, displayName);
  if (storage_state === "ARCHIVED") await client.changeExperiment(id, "unarchive");
  return id;
}

/** Whether it is there and in use. */
export async function experimentExists(client: PipelinesClient, id: string): Promise<boolean> {
  const experiment = await found(client.getExperiment(id));
  return experiment !== undefined && experiment.storage_state !== "ARCHIVED";
}

/** Archives it, which archives its runs and stops its schedules, and keeps them readable. */
export async function archiveExperiment(client: PipelinesClient, id: string): Promise<void> {
  await found(client.changeExperiment(id, "archive"));
}

async function findOrMake(client: PipelinesClient, displayName: string): Promise<ExperimentMessage> {
  const existing = () => client.experimentsNamed(displayName).then(([first]) => first);
  const before = await existing();
  if (before) return before;
  try {
    return await client.createExperiment(displayName);
  } catch (error) {
    // Made beside us, or by a call whose answer got lost.
    const after = error instanceof PipelinesError ? await existing() : undefined;
    if (after) return after;
    throw error;
  }
}
