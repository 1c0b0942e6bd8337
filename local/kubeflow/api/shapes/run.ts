import type { Run, StateChange, Task } from "../../model";
import { type Fields, text, time } from "../filters";
import type { RunMessage, StateMessage, StatusMessage } from "../messages";
import { jsonOfPackage } from "../package-file";
import { EPOCH, timestamp } from "../times";
import { taskMessage } from "./task";

export const RUN_FIELDS: Fields<Run> = {
  created_at: time((run) => run.createdAt),
  id: text((run) => run.id),
  run_id: text((run) => run.id),
  name: text((run) => run.displayName),
  display_name: text((run) => run.displayName),
  description: text((run) => run.description),
  state: text((run) => run.state),
  storage_state: text((run) => run.storageState),
  finished_at: time((run) => run.finishedAt),
  scheduled_at: time((run) => run.scheduledAt),
  experiment_id: text((run) => run.experimentId),
  recurring_run_id: text((run) => run.recurringRunId),
  namespace: text(() => ""),
  // Beyond the original.
  pipeline_id: text((run) => run.version?.pipelineId),
  pipeline_version_id: text((run) => run.version?.pipelineVersionId),
};

/** `tasks` are left out of lists. */
export function runMessage(run: Run, tasks: readonly Task[] = []): RunMessage {
  return {
    run_id: run.id,
    experiment_id: run.experimentId,
    display_name: run.displayName,
    description: run.description,
    state: run.state,
    storage_state: run.storageState,
    created_at: timestamp(run.createdAt),
    scheduled_at: timestamp(run.scheduledAt),
    finished_at: run.finishedAt === undefined ? EPOCH : timestamp(run.finishedAt),
    service_account: run.serviceAccount,
    runtime_config: runtimeConfigMessage(run),
    ...sourceMessage(run),
    error: failure(run.error),
    recurring_run_id: run.recurringRunId,
    state_history: run.history.map(stateMessage),
    run_details: tasks.length === 0 ? undefined : { task_details: taskMessages(tasks) },
  };
}

function taskMessages(tasks: readonly Task[]) {
  return tasks.map((task) =>
    taskMessage(
      task,
      tasks.filter(({ parentId }) => parentId === task.id),
    ),
  );
}

export const runtimeConfigMessage = ({ parameters, pipelineRoot }: Pick<Run, "parameters" | "pipelineRoot">) => ({
  parameters: Object.keys(parameters).length === 0 ? undefined : parameters,
  pipeline_root: pipelineRoot,
});

/** By reference where the caller gave one, else what the caller sent. */
export function sourceMessage({ version, package: content }: Partial<Pick<Run, "version" | "package">>) {
  if (!version) return { pipeline_spec: content && jsonOfPackage(content) };
  const { pipelineId: pipeline_id, pipelineVersionId: pipeline_version_id } = version;
  return { pipeline_version_reference: { pipeline_id, pipeline_version_id } };
}

export function stateMessage({ time, state, error }: StateChange): StateMessage {
  return { update_time: timestamp(time), state, error: failure(error) };
}

/** gRPC's "unknown": the fault is in what was run. */
const UNKNOWN = 2;

export function failure(message: string | undefined): StatusMessage | undefined {
  return message === undefined ? undefined : { code: UNKNOWN, message };
}
