import { shapeOfNode, shapeOfPool } from "../../local/kapsule/controllers/autoscaler/node-shape";
import { podNeeds, type PodNeeds } from "../../local/kapsule/controllers/autoscaler/pod-needs";
import type { NodeState } from "../../local/kapsule/controllers/autoscaler/scale-down";
import type { PoolState } from "../../local/kapsule/controllers/autoscaler/scale-up";
import type { ApiPool } from "../../local/kapsule/controllers/autoscaler/scaleway-pools";
import type { Metadata, Pod, PodSpec } from "../../local/kubernetes/objects";

export const GIB = 2 ** 30;
export const GPU_TOLERATION = { key: "nvidia.com/gpu", operator: "Exists" };

export function pod(
  name: string,
  requests: Record<string, string>,
  spec: Partial<PodSpec> = {},
  metadata: Partial<Metadata> = {},
): Pod {
  const owner = { kind: "ReplicaSet", name: "owner", controller: true };
  return {
    metadata: { name, namespace: "default", uid: name, ownerReferences: [owner], ...metadata },
    spec: { containers: [{ resources: { requests } }], ...spec },
    status: { phase: "Pending" },
  };
}

export function needs(one: Pod): PodNeeds {
  return podNeeds(one, { claim: () => undefined, volume: () => undefined });
}

export function pool(name: string, fields: Partial<ApiPool> = {}): ApiPool {
  return {
    id: `id-of-${name}`,
    name,
    status: "ready",
    node_type: "pro2_xs",
    autoscaling: true,
    size: 0,
    min_size: 0,
    max_size: 3,
    zone: "fr-par-1",
    node_price_per_hour: 0.1,
    allocatable: { cpu: 4, memory: 16 * GIB, pods: 110 },
    ...fields,
  };
}

export function gpuPool(fields: Partial<ApiPool> = {}): ApiPool {
  return pool("gpu", {
    node_price_per_hour: 0.8,
    allocatable: { cpu: 8, memory: 48 * GIB, pods: 110, "nvidia.com/gpu": 1 },
    taints: { "nvidia.com/gpu": "present:NoSchedule" },
    ...fields,
  });
}

export function state(one: ApiPool, held?: string): PoolState {
  return { pool: one, template: shapeOfPool(one, "fr-par", []), held };
}

/** A ready node of a pool with these pods on it. */
export function node(name: string, of: ApiPool, pods: readonly Pod[], fields: Partial<NodeState> = {}): NodeState {
  const allocatable = Object.fromEntries(
    Object.entries(of.allocatable ?? {}).map(([key, value]) => [key, String(value)]),
  );
  const taints = Object.entries(of.taints ?? {}).map(([key, value]) => ({
    key,
    value: value.split(":")[0],
    effect: value.split(":")[1] ?? "",
  }));
  const object = {
    metadata: { name, uid: name, labels: { "kubernetes.io/hostname": name } },
    spec: { taints },
    status: { allocatable },
  };
  return {
    node: object,
    shape: shapeOfNode(object, pods),
    pods,
    ready: true,
    group: { pool: of, node: { id: `api-${name}`, pool_id: of.id, provider_id: "", name, status: "ready" } },
    awaited: false,
    leaving: false,
    ...fields,
  };
}
