import type * as k8s from "@pulumi/kubernetes";
import { GPU_TAINT, POOL_LABEL } from "../cloud/pool-plan";
import type { ContainerResources } from "../settings/fields";

/** User and group of every container of ours; files of the shared volume belong to them. */
export const USER_ID = 65532;

/** Where pods find the shared volume. */
export const SHARED_MOUNT = "/mnt/nfs";

/** A pod that the Pod Security level "restricted" admits. */
export const restrictedPod: k8s.types.input.core.v1.PodSecurityContext = {
  runAsNonRoot: true,
  runAsUser: USER_ID,
  runAsGroup: USER_ID,
  fsGroup: USER_ID,
  seccompProfile: { type: "RuntimeDefault" },
};

/** A container that the Pod Security level "restricted" admits, and that can write to mounted volumes only. */
export const restrictedContainer: k8s.types.input.core.v1.SecurityContext = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
};

/** Where a pod runs. */
export interface PodPlacement {
  nodeSelector: Record<string, string>;
  tolerations: { key: string; operator: "Equal"; value: string; effect: "NoSchedule" }[];
}

/** Where a pod runs, by the name of a pool and whether it uses one of its GPUs. */
export function placement(pool: string, gpu: boolean): PodPlacement {
  const { key, value, effect } = GPU_TAINT;
  return {
    nodeSelector: { [POOL_LABEL]: pool },
    tolerations: gpu ? [{ key, operator: "Equal", value, effect }] : [],
  };
}

/**
 * What a pod may write to its node: logs and scratch directories. A pod that fills its node's disk would have others
 * evicted; with this it is evicted itself.
 */
export const NODE_DISK = { request: "64Mi", limit: "1Gi" } as const;

/** Requests and limits of a container. CPU has no limit: what a node has to spare may be used. */
export function requirements({ cpu, memory }: ContainerResources): k8s.types.input.core.v1.ResourceRequirements {
  const disk = "ephemeral-storage";
  return { requests: { cpu, memory, [disk]: NODE_DISK.request }, limits: { memory, [disk]: NODE_DISK.limit } };
}

/** Writable scratch space beside the read-only root file system. */
export const scratch = {
  volume: { name: "tmp", emptyDir: { sizeLimit: NODE_DISK.limit } },
  mount: { name: "tmp", mountPath: "/tmp" },
} as const;

/** The shared volume by its claim. */
export function shared(
  claimName: k8s.types.input.core.v1.PersistentVolumeClaimVolumeSource["claimName"],
  readOnly = false,
) {
  return {
    volume: { name: "shared", persistentVolumeClaim: { claimName, readOnly } },
    mount: { name: "shared", mountPath: SHARED_MOUNT, readOnly },
  };
}
