import type { PipelinesClient } from "./client";
import type { RunMessage, TaskDetail } from "./messages";
import { isStep, timeOf } from "./progress";

/** Lines of a failed step's log that its error repeats. */
const LOG_LINES = 20;

/**
 * Why a run has failed: the step, its reason and the last lines that it logged. The compact backend says all that
 * itself. The official one has no error in its API: there the log of the failed pod is fetched while the pod exists.
 */
export async function failureOf(client: PipelinesClient, run: RunMessage): Promise<string> {
  const said = run.error?.message;
  if (said) return said;
  const tasks = run.run_details?.task_details ?? [];
  const failed = tasks.filter(({ state }) => state === "FAILED").sort(byEnd);
  const told = failed.find((task) => isStep(task) && task.error?.message);
  if (told) return `task ${nameOf(told)} failed: ${told.error?.message ?? ""}`;
  const pod = failed.find(({ pod_name }) => pod_name !== undefined && pod_name !== "");
  const name = nameOf((pod && ownerOf(pod, failed)) ?? failed.find(isStep) ?? pod ?? {});
  if (name === "") return `it ended in state ${run.state ?? "unknown"}; its backend does not say why`;
  const log = pod?.pod_name && (await client.podLog(pod.pod_name, LOG_LINES));
  return log
    ? `task ${name} failed; the last lines of its log:\n${log.trimEnd()}`
    : `task ${name} failed; the log of its pod is gone`;
}

/** The step that a pod of the official engine belongs to: the one that lists it among its children. */
function ownerOf({ pod_name }: TaskDetail, failed: readonly TaskDetail[]): TaskDetail | undefined {
  return failed.find((task) => isStep(task) && task.child_tasks?.some((child) => child.pod_name === pod_name));
}

function nameOf({ display_name }: TaskDetail): string {
  return display_name ?? "";
}

function byEnd(a: TaskDetail, b: TaskDetail): number {
  return (timeOf(a.end_time) ?? Infinity) - (timeOf(b.end_time) ?? Infinity);
}
