import type { Artifact, Attempt, Task, TaskValues } from "../../model";
import type { ArtifactMessage, AttemptMessage, TaskMessage } from "../messages";
import { optionalTimestamp, timestamp } from "../times";
import { failure, stateMessage } from "./run";

export function taskMessage(task: Task, children: readonly Task[]): TaskMessage {
  const last = task.attempts.at(-1);
  const pods = task.attempts.flatMap(({ podName }) => (podName ? [{ pod_name: podName }] : []));
  const below = [...children.map(({ id }) => ({ task_id: id })), ...pods];
  return {
    run_id: task.runId,
    task_id: task.id,
    display_name: task.displayName,
    create_time: timestamp(task.createdAt),
    start_time: optionalTimestamp(task.startedAt),
    end_time: optionalTimestamp(task.endedAt),
    state: task.state,
    state_history: task.history.map(stateMessage),
    inputs: idsOf(task.inputs),
    outputs: idsOf(task.outputs),
    parent_task_id: task.parentId,
    child_tasks: below.length === 0 ? undefined : below,
    pod_name: last?.podName,
    error: failure(task.error),
    name: task.name,
    kind: task.kind,
    iteration: task.iteration,
    cached: task.cached,
    cached_from: task.cachedFrom,
    reason: last?.reason,
    input_parameters: task.inputs.parameters,
    output_parameters: task.outputs.parameters,
    input_artifacts: artifactsOf(task.inputs),
    output_artifacts: artifactsOf(task.outputs),
    attempts: task.attempts.map(attemptMessage),
  };
}

export function artifactMessage({ id, name, type, uri, metadata }: Artifact): ArtifactMessage {
  return { artifact_id: id, name, type, uri, metadata };
}

function attemptMessage(attempt: Attempt): AttemptMessage {
  return {
    job_name: attempt.jobName,
    pod_name: attempt.podName,
    node_name: attempt.nodeName,
    start_time: timestamp(attempt.startedAt),
    container_start_time: optionalTimestamp(attempt.containerStartedAt),
    end_time: optionalTimestamp(attempt.endedAt),
    exit_code: attempt.exitCode,
    lost: attempt.lost,
    reason: attempt.reason,
    message: attempt.message,
  };
}

const idsOf = ({ artifacts }: TaskValues) =>
  mapValues(artifacts, (list) => ({ artifact_ids: list.map(({ id }) => id) }));

const artifactsOf = ({ artifacts }: TaskValues) => mapValues(artifacts, (list) => list.map(artifactMessage));

function mapValues<T, R>(record: Readonly<Record<string, T>>, map: (value: T) => R): Record<string, R> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}
