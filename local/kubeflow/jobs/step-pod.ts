import type { KubernetesObject, Metadata } from "../../kubernetes/objects";

/** What is kept of a step's pod. */
export interface StepPod extends KubernetesObject {
  readonly nodeName?: string;
  readonly phase?: string;
  /** Why the kubelet or a controller ended it, such as `Evicted` or `DeadlineExceeded`. */
  readonly reason?: string;
  readonly message?: string;
  readonly conditions: readonly PodCondition[];
  readonly container?: ContainerState;
}

interface PodCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: {
    readonly exitCode: number;
    readonly reason?: string;
    readonly message?: string;
    readonly startedAt?: string;
  };
}

interface WholePod extends KubernetesObject {
  readonly spec?: { readonly nodeName?: string };
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly conditions?: readonly PodCondition[];
    readonly containerStatuses?: readonly { readonly state?: ContainerState }[];
  };
}

export function stepPod(object: KubernetesObject): StepPod {
  const { metadata, spec, status } = object as WholePod;
  return {
    metadata: trimmed(metadata),
    nodeName: spec?.nodeName,
    phase: status?.phase,
    reason: status?.reason,
    message: status?.message,
    conditions: (status?.conditions ?? [])
      .filter(({ type }) => type === "PodScheduled" || type === "DisruptionTarget")
      .map(({ type, status: value, reason, message }) => ({ type, status: value, reason, message })),
    container: status?.containerStatuses?.[0]?.state,
  };
}

function trimmed({ name, namespace, uid, creationTimestamp, deletionTimestamp, labels }: Metadata): Metadata {
  return { name, namespace, uid, creationTimestamp, deletionTimestamp, labels };
}

export function jobNameOf({ metadata }: StepPod): string {
  return metadata.labels?.["batch.kubernetes.io/job-name"] ?? "";
}
