import { setTimeout as sleep } from "node:timers/promises";
import { PipelinesClient, PipelinesError } from "./client";
import { failureOf } from "./failure";
import { followRun } from "./follow";
import type { RunInputs, RunOutputs } from "./inputs";
import { isOver, type RunMessage } from "./messages";
import { outcomeOf } from "./outcome";
import { runName } from "./run-name";

/** How long a backend may take to learn of a version that was made a moment ago. */
const VERSION_MILLISECONDS = 60_000;

type Say = (line: string) => void;

/**
 * Runs a pipeline version and follows the run to its end. A run of that name which works or has succeeded is taken
 * instead of a new one: it is that of an earlier deploy which was cut off.
 *
 * @throws Error with one sentence: the step that failed, why, and what it logged last
 */
export async function createRun(client: PipelinesClient, inputs: RunInputs, say: Say): Promise<RunOutputs> {
  const name = runName(inputs.versionName, inputs.parameters, inputs.rerun);
  const tell = (line: string) => say(`${name}: ${line}`);
  const { run, adopted } = await startOrAdopt(client, name, inputs);
  tell(`${adopted ? "taken up again" : "started"} as run ${run.run_id}`);
  const deadline = Date.now() + inputs.timeoutMinutes * 60_000;
  const ended = await followRun(client, run.run_id, { deadline, say: tell });
  if (!ended) {
    await client.changeRun(run.run_id, "terminate");
    throw new Error(
      `Run ${name} had not ended after ${inputs.timeoutMinutes} minutes and was terminated. Raise timeoutMinutes, or see what it waits for.`,
    );
  }
  if (ended.state !== "SUCCEEDED") throw new Error(`Run ${name} failed: ${await failureOf(client, ended)}`);
  tell("succeeded");
  return outputsOf(inputs, name, ended);
}

/** The run's state as it is now; undefined where somebody has deleted it. */
export async function readRun(client: PipelinesClient, known: RunOutputs): Promise<RunOutputs | undefined> {
  const run = await found(client.getRun(known.runId));
  return run && outputsOf(known, known.runName, run);
}

/** Archives or deletes; a run that is gone is no failure. */
export async function deleteRun(client: PipelinesClient, { runId, onDelete }: RunOutputs): Promise<void> {
  await found(onDelete === "delete" ? client.deleteRun(runId) : client.changeRun(runId, "archive"));
}

async function startOrAdopt(
  client: PipelinesClient,
  name: string,
  inputs: RunInputs,
): Promise<{ run: RunMessage; adopted: boolean }> {
  await awaitVersion(client, inputs);
  for (let attempt = 1; ; attempt++) {
    const earlier = (await client.runs(inputs.experimentId, name)).find((run) => isWanted(run, inputs));
    if (earlier) return { run: earlier, adopted: true };
    try {
      return { run: await client.createRun({ ...inputs, displayName: name }), adopted: false };
    } catch (error) {
      // The answer got lost: the run may have been made, which the next look tells.
      const lost = error instanceof PipelinesError && [undefined, 502, 504].includes(error.status);
      if (!lost || attempt === 3) throw error;
    }
  }
}

/** A failed run is made anew, and an archived one belongs to the past: going back to its version means running again. */
function isWanted({ state, storage_state, pipeline_version_reference }: RunMessage, { versionId }: RunInputs): boolean {
  if (storage_state === "ARCHIVED" || pipeline_version_reference?.pipeline_version_id !== versionId) return false;
  return state === "SUCCEEDED" || (!isOver(state) && state !== "CANCELING");
}

/** Version objects are made through the API server; the backend hears of them a moment later. */
async function awaitVersion(client: PipelinesClient, { pipelineId, versionId, versionName }: RunInputs): Promise<void> {
  const deadline = Date.now() + VERSION_MILLISECONDS;
  for (;;) {
    if (await found(client.getVersion(pipelineId, versionId))) return;
    if (Date.now() > deadline) {
      throw new Error(
        `The pipeline backend does not know version ${versionName} (${versionId}), which the cluster has. Without its webhook at creation a version lacks the label that it is found by: delete the PipelineVersion and deploy again.`,
      );
    }
    await sleep(500);
  }
}

function outputsOf(inputs: RunInputs, name: string, run: RunMessage): RunOutputs {
  return {
    ...inputs,
    runId: run.run_id,
    runName: name,
    state: run.state ?? "RUNTIME_STATE_UNSPECIFIED",
    finishedAt: run.finished_at ?? "",
    ...outcomeOf(run),
  };
}

/** What a call answers; undefined where the thing it names is gone. @throws PipelinesError for everything else */
export async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof PipelinesError && error.status === 404) return undefined;
    throw error;
  }
}
