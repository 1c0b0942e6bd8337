import type { KubernetesApi, KubernetesObject } from "./kubernetes-api";
import { KubernetesError } from "./kubernetes-api";
import { nodeLabels } from "./node-configuration";
import type { NodeConditions, NodeSpec, Taint } from "./runtime";

const NODES = "/api/v1/nodes";
/** Taints with this prefix are Kubernetes' own statements about a node. */
const KUBERNETES_TAINT = "node.kubernetes.io/";
/** Labels of ours that a pool no longer has are removed; these are remembered here. */
const MANAGED = "kapsule.internal/managed-labels";
export const GPU_RESOURCE = "nvidia.com/gpu";

interface NodeObject extends KubernetesObject {
  readonly spec: { readonly taints?: readonly Taint[]; readonly podCIDR?: string };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly addresses?: readonly { readonly type: string; readonly address: string }[];
    readonly capacity?: Readonly<Record<string, string>>;
  };
}

/**
 * Registers a node before its kubelet starts: a kubelet may not give itself every label, and kube-proxy and the scheduler
 * know the node's address, taints and GPUs from the first moment.
 */
export async function registerNode(
  api: KubernetesApi,
  node: NodeSpec,
  placed: { address: string; podCidr: string },
): Promise<void> {
  const labels = nodeLabels(node);
  const object = {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: node.name, labels, annotations: { [MANAGED]: Object.keys(labels).join(",") } },
    spec: { providerID: node.providerId, podCIDR: placed.podCidr, podCIDRs: [placed.podCidr], taints: node.taints },
  };
  try {
    await api.call("POST", NODES, object);
  } catch (error) {
    if (!(error instanceof KubernetesError && error.status === 409)) throw error;
    await updateNodeObject(api, node);
  }
  const addresses = [
    { type: "InternalIP", address: placed.address },
    { type: "Hostname", address: node.name },
  ];
  await api.patch(`${NODES}/${node.name}/status`, { status: { addresses, ...gpus(node) } });
}

function gpus(node: NodeSpec): object {
  if (node.nodeType.gpus === 0) return {};
  const amount = { [GPU_RESOURCE]: String(node.nodeType.gpus) };
  return { capacity: amount, allocatable: amount };
}

/** Brings labels and taints of a registered node to those of its pool; Kubernetes' own stay. */
export async function updateNodeObject(api: KubernetesApi, node: NodeSpec): Promise<void> {
  const existing = await api.get<NodeObject>(`${NODES}/${node.name}`);
  if (!existing) throw new Error(`Node ${node.name} is not registered. Start it first.`);
  const labels = nodeLabels(node);
  const before = existing.metadata.annotations?.[MANAGED]?.split(",") ?? [];
  const removed = before.filter((key) => !(key in labels)).map((key) => [key, null] as const);
  const own = (existing.spec.taints ?? []).filter(({ key }) => key.startsWith(KUBERNETES_TAINT));
  await api.patch(`${NODES}/${node.name}`, {
    metadata: {
      labels: { ...Object.fromEntries(removed), ...labels },
      annotations: { [MANAGED]: Object.keys(labels).join(",") },
    },
    spec: { taints: [...own, ...node.taints] },
  });
}

/** Ready, schedulable as far as Kubernetes is concerned, and with all its GPUs. */
export async function isReady(api: KubernetesApi, node: NodeSpec): Promise<boolean> {
  const object = await api.get<NodeObject>(`${NODES}/${node.name}`);
  if (!object) return false;
  const ready = object.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
  const tainted = object.spec.taints?.some(({ key }) => key === "node.kubernetes.io/not-ready") ?? false;
  return ready && !tainted && Number(object.status.capacity?.[GPU_RESOURCE] ?? 0) === node.nodeType.gpus;
}

export async function conditionsOfNodes(api: KubernetesApi): Promise<ReadonlyMap<string, NodeConditions>> {
  const nodes = await api.list<NodeObject>(NODES);
  return new Map(nodes.map((node) => [node.metadata.name, conditions(node)]));
}

function conditions(node: NodeObject): NodeConditions {
  const status = (wanted: string): "True" | "False" =>
    node.status.conditions?.some(({ type, status }) => type === wanted && status === "True") ? "True" : "False";
  return {
    DiskPressure: status("DiskPressure"),
    MemoryPressure: status("MemoryPressure"),
    PIDPressure: status("PIDPressure"),
    Ready: status("Ready"),
  };
}
