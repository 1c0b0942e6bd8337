import type { ContainerEnd, ContainerOrder, ContainerProgress } from "./container-runner";
import type { StepPod } from "./step-pod";

/** What a pod says of its step: how it ended, or how far it is and which obstacle holds it up. */
export type Verdict =
  | { readonly end: ContainerEnd; readonly progress: ContainerProgress }
  | { readonly end?: undefined; readonly progress: ContainerProgress; readonly obstacle?: Obstacle };

/** Something that may pass; once it has lasted for its patience, the step fails. */
export interface Obstacle {
  readonly reason: string;
  readonly message: string;
  readonly patienceMilliseconds: number;
}

export interface Patience {
  /** Registries fail for moments, names do not get better. */
  readonly imagePullMilliseconds: number;
  /** A secret or config map may come a moment after the step that needs it. */
  readonly configurationMilliseconds: number;
}

const PULL_REASONS = ["ErrImagePull", "ImagePullBackOff", "RegistryUnavailable"];
const HOPELESS_REASONS = ["InvalidImageName", "ErrImageNeverPull"];
/** Ends of a pod that are the node's doing. */
const NODE_REASONS = ["NodeLost", "Evicted", "NodeShutdown", "Shutdown", "Terminated", "Preempting", "NodeAffinity"];

export function judge(pod: StepPod, order: ContainerOrder, patience: Patience): Verdict {
  const { container = {}, nodeName } = pod;
  const started = container.running?.startedAt ?? container.terminated?.startedAt;
  const progress: ContainerProgress = {
    podName: pod.metadata.name,
    nodeName,
    containerStartedAt: started === undefined ? undefined : Date.parse(started),
  };
  const lost = lossOf(pod);
  if (lost) return { progress, end: lost };
  if (container.terminated) return { progress, end: endOf(pod, container.terminated, order) };
  if (pod.phase === "Failed")
    return {
      progress,
      end: {
        kind: "failed",
        reason: pod.reason ?? "Error",
        message: deadline(pod, order) ?? pod.message ?? "The pod failed.",
      },
    };
  const { waiting } = container;
  if (waiting?.reason !== undefined)
    return { progress: { ...progress, message: waitingText(waiting) }, obstacle: obstacleOf(waiting, order, patience) };
  const unscheduled = pod.conditions.find(({ type, status }) => type === "PodScheduled" && status === "False");
  if (unscheduled) return { progress: { ...progress, message: `Waits for a node: ${unscheduled.message ?? ""}` } };
  return { progress };
}

/** The end of a pod that something outside the step brought about. */
function lossOf(pod: StepPod): ContainerEnd | undefined {
  const disruption = pod.conditions.find(({ type, status }) => type === "DisruptionTarget" && status === "True");
  const ended = pod.container?.terminated !== undefined || pod.phase === "Failed";
  if (pod.container?.terminated?.exitCode === 0) return undefined;
  const node = pod.nodeName === undefined ? "its node" : `node ${pod.nodeName}`;
  if (disruption && (ended || pod.metadata.deletionTimestamp !== undefined))
    return {
      kind: "lost",
      reason: disruption.reason === "PreemptionByScheduler" ? "Preempted" : "NodeLost",
      message: `The step was ended on ${node}: ${disruption.message ?? disruption.reason ?? "disrupted"}.`,
    };
  if (pod.phase === "Failed" && NODE_REASONS.includes(pod.reason ?? ""))
    return {
      kind: "lost",
      reason: pod.reason ?? "NodeLost",
      message: `${node} ended the step: ${pod.message ?? ""}`.trim(),
    };
  if (ended && pod.metadata.deletionTimestamp !== undefined)
    return { kind: "lost", reason: "PodDeleted", message: "The step's pod was deleted while it ran." };
  return undefined;
}

function endOf(
  pod: StepPod,
  terminated: NonNullable<NonNullable<StepPod["container"]>["terminated"]>,
  order: ContainerOrder,
): ContainerEnd {
  const { exitCode, reason = "Error", message } = terminated;
  if (exitCode === 0 && pod.reason !== "DeadlineExceeded") return { kind: "succeeded" };
  const late = deadline(pod, order);
  if (late !== undefined) return { kind: "failed", reason: "DeadlineExceeded", message: late, exitCode };
  if (reason === "OOMKilled") {
    const limit = order.limits["memory"];
    const bound = limit === undefined ? "the memory of its node" : `its memory limit of ${limit}`;
    return {
      kind: "failed",
      reason,
      message: `The step was killed because it used more than ${bound}: raise it.`,
      exitCode,
    };
  }
  if (reason !== "Error" && message)
    return { kind: "failed", reason, message: `The container could not be started: ${message}`, exitCode };
  const signal = exitCode > 128 ? ` (ended by signal ${exitCode - 128})` : "";
  return { kind: "failed", reason, message: `The step ended with exit code ${exitCode}${signal}.`, exitCode };
}

function deadline(pod: StepPod, order: ContainerOrder): string | undefined {
  if (pod.reason !== "DeadlineExceeded") return undefined;
  return `The step took longer than its limit of ${order.pod.activeDeadlineSeconds ?? 0} s.`;
}

function waitingText({ reason = "", message }: { readonly reason?: string; readonly message?: string }): string {
  return message === undefined ? reason : `${reason}: ${message}`;
}

function obstacleOf(
  { reason = "", message = "" }: { readonly reason?: string; readonly message?: string },
  { image }: ContainerOrder,
  patience: Patience,
): Obstacle | undefined {
  if (HOPELESS_REASONS.includes(reason))
    return { reason, message: `Image "${image}" cannot be used: ${message || reason}.`, patienceMilliseconds: 0 };
  if (PULL_REASONS.includes(reason))
    return {
      reason: "ImagePullBackOff",
      message: `Image "${image}" cannot be pulled: ${message || reason}.`,
      patienceMilliseconds: patience.imagePullMilliseconds,
    };
  if (/^Create(Pod|Container).*Error$|^RunContainerError$/.test(reason))
    return {
      reason,
      message: `The container cannot be made: ${message || reason}.`,
      patienceMilliseconds: patience.configurationMilliseconds,
    };
  return undefined;
}
