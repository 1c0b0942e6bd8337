import { KubernetesError, type KubernetesApi, type KubernetesObject } from "./kubernetes-api";
import { setTimeout as pause } from "node:timers/promises";

/** Between two attempts to evict what a disruption budget still holds. */
const RETRY_MS = 500;

/**
 * Cordons a node and evicts its pods, which respects disruption budgets and each pod's own grace period. What is left
 * when the grace time ends is deleted by force: the node goes away in any case.
 */
export async function drain(api: KubernetesApi, nodeName: string, graceSeconds: number): Promise<void> {
  const node = await api.get(`/api/v1/nodes/${nodeName}`);
  if (!node) return;
  await api.patch(`/api/v1/nodes/${nodeName}`, { spec: { unschedulable: true } });
  const deadline = Date.now() + graceSeconds * 1000;
  while (Date.now() < deadline) {
    const pods = (await podsOf(api, nodeName)).filter(isEvictable);
    if (pods.length === 0) break;
    await Promise.all(pods.filter(({ metadata }) => !metadata.deletionTimestamp).map((pod) => evict(api, pod)));
    await pause(RETRY_MS);
  }
}

/** Forgets the pods of a node whose kubelet is gone and can no longer report their end. */
export async function forgetPods(api: KubernetesApi, nodeName: string): Promise<void> {
  const pods = await podsOf(api, nodeName);
  await Promise.all(pods.map((pod) => api.delete(podPath(pod), 0)));
}

function podsOf(api: KubernetesApi, nodeName: string): Promise<readonly KubernetesObject[]> {
  return api.list(`/api/v1/pods?fieldSelector=${encodeURIComponent(`spec.nodeName=${nodeName}`)}`);
}

/** Pods of a DaemonSet would come back at once, static pods belong to the kubelet, finished ones need no eviction. */
function isEvictable({ metadata, status }: KubernetesObject): boolean {
  const daemon = metadata.ownerReferences?.some(({ kind }) => kind === "DaemonSet" || kind === "Node") ?? false;
  const finished = status?.["phase"] === "Succeeded" || status?.["phase"] === "Failed";
  return !daemon && !finished;
}

const podPath = ({ metadata }: KubernetesObject): string =>
  `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;

async function evict(api: KubernetesApi, pod: KubernetesObject): Promise<void> {
  const { name, namespace } = pod.metadata;
  const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
  try {
    await api.call("POST", `${podPath(pod)}/eviction`, eviction);
  } catch (error) {
    // 404: it ended meanwhile. 429: a disruption budget says "not yet".
    if (!(error instanceof KubernetesError && [404, 429].includes(error.status))) throw error;
  }
}
