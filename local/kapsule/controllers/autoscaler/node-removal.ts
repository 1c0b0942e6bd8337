import { answered, HttpError, type HttpClient } from "../../../kubernetes/http-client";
import { delay } from "../../../kubernetes/cache";
import { MERGE_PATCH } from "../../../kubernetes/client";
import type { EventRecorder } from "../kubernetes/events";
import type { Node, NodeTaint, Pod } from "../../../kubernetes/objects";
import { LEAVING_TAINT } from "./cluster-view";
import { podsToMove } from "./movable";
import type { ScalewayPools } from "./scaleway-pools";
import type { Settings, Timing } from "./settings";

/** How much longer than its grace period a pod may take to be gone: the kubelet and the API need their moment. */
const HEADROOM_SECONDS = 30;

const DELETE_ATTEMPTS = 15;

export interface RemovalContext {
  readonly client: HttpClient;
  readonly pools: ScalewayPools;
  readonly events: EventRecorder;
  readonly settings: Settings;
  readonly timing: Timing;
  /** The node's kubelet does not answer: it goes without a drain. */
  readonly silent: boolean;
  /** Newest reason to keep a node although it was to go, asked once no new pod can come. */
  readonly stillNeeded: (pods: readonly Pod[]) => string | undefined;
}

/**
 * Takes a node out: closes it to new pods, evicts those that must move, then has the API delete it. Throws with the
 * reason, and opens the node again, if pods do not go in time or the API refuses. Safe to start over at any point.
 */
export async function removeNode(name: string, apiNodeId: string, context: RemovalContext): Promise<void> {
  const { client, pools, events } = context;
  const node = await close(client, name);
  const target = { kind: "Node", apiVersion: "v1", object: node };
  await events.record(target, "Normal", "ScaleDown", "marked the node as toBeDeleted/unschedulable");
  try {
    if (!context.silent) await drain(name, context);
    await deleteFromApi(pools, apiNodeId);
    await events.record(target, "Normal", "ScaleDown", "node removed by cluster autoscaler");
  } catch (error) {
    await events.record(target, "Warning", "ScaleDownFailed", `failed to delete the node: ${(error as Error).message}`);
    await open(client, name);
    throw error;
  }
}

/** The node is drained already: a restart of the API must not undo that, so the call is tried for a while. */
async function deleteFromApi(pools: ScalewayPools, apiNodeId: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await pools.deleteNode(apiNodeId);
      return;
    } catch (error) {
      if (answered(error, 404)) return;
      const final = error instanceof HttpError && error.status < 500 && error.status !== 429;
      if (final || attempt === DELETE_ATTEMPTS) throw error;
      await delay(1000);
    }
  }
}

async function close(client: HttpClient, name: string): Promise<Node> {
  const taint = { key: LEAVING_TAINT, value: `${Math.floor(Date.now() / 1000)}`, effect: "NoSchedule" };
  return update(client, name, true, (taints) => [...taints.filter(({ key }) => key !== LEAVING_TAINT), taint]);
}

/** Undoes `close`; a node that is gone meanwhile needs nothing. */
export async function open(client: HttpClient, name: string): Promise<void> {
  await update(client, name, null, (taints) => taints.filter(({ key }) => key !== LEAVING_TAINT)).catch(
    (error: unknown) => {
      if (!answered(error, 404)) throw error;
    },
  );
}

/** Taints are one value to Kubernetes: the version read guards those that others add at the same moment. */
async function update(
  client: HttpClient,
  name: string,
  unschedulable: true | null,
  change: (taints: readonly NodeTaint[]) => NodeTaint[],
): Promise<Node> {
  const path = `/api/v1/nodes/${name}`;
  for (let attempt = 1; ; attempt++) {
    const node = await client.json<Node>("GET", path);
    const patch = {
      metadata: { resourceVersion: node.metadata.resourceVersion },
      spec: { unschedulable, taints: change(node.spec.taints ?? []) },
    };
    try {
      return await client.json<Node>("PATCH", path, patch, MERGE_PATCH);
    } catch (error) {
      if (!answered(error, 409) || attempt === 10) throw error;
    }
  }
}

async function podsOn(client: HttpClient, node: string): Promise<Pod[]> {
  const query = `fieldSelector=${encodeURIComponent(`spec.nodeName=${node}`)}`;
  return (await client.json<{ items: Pod[] }>("GET", `/api/v1/pods?${query}`)).items;
}

async function drain(name: string, context: RemovalContext): Promise<void> {
  // A pod may have arrived between the decision and the taint.
  const pods = podsToMove(await podsOn(context.client, name), context.settings);
  const reason = context.stillNeeded(pods);
  if (reason) throw new Error(reason);
  await evictAll(pods, name, context);
}

async function evictAll(pods: readonly Pod[], node: string, context: RemovalContext): Promise<void> {
  const { client, events, settings, timing } = context;
  const longest = settings.gracefulTerminationSeconds;
  await Promise.all(
    pods.map(async (pod) => {
      const target = { kind: "Pod", apiVersion: "v1", object: pod };
      await events.record(target, "Normal", "ScaleDown", "deleting pod for node scale down");
      await evict(client, pod, Math.min(pod.spec.terminationGracePeriodSeconds ?? 30, longest), timing.evictionSeconds);
    }),
  );
  if (pods.length === 0) return;
  const deadline = Date.now() + (longest + HEADROOM_SECONDS) * 1000;
  const evicted = new Set(pods.map(({ metadata }) => metadata.uid));
  for (;;) {
    const left = (await podsOn(client, node)).filter(({ metadata }) => evicted.has(metadata.uid));
    if (left.length === 0) return;
    if (Date.now() > deadline)
      throw new Error(`${left.length} pods were still on it ${longest + HEADROOM_SECONDS} s after their eviction`);
    await delay(500);
  }
}

async function evict(client: HttpClient, pod: Pod, graceSeconds: number, trySeconds: number): Promise<void> {
  const { name, namespace, uid } = pod.metadata;
  const eviction = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name, namespace },
    deleteOptions: { gracePeriodSeconds: graceSeconds, preconditions: { uid } },
  };
  const deadline = Date.now() + trySeconds * 1000;
  for (;;) {
    try {
      await client.json("POST", `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, eviction);
      return;
    } catch (error) {
      // 404: it ended meanwhile; 409: another pod has its name now.
      if (answered(error, 404, 409)) return;
      // 429: a disruption budget says "not now".
      if (!answered(error, 429) || Date.now() > deadline) throw error;
      await delay(1000);
    }
  }
}
