import type { DaemonSet, Node, Pod } from "../../../kubernetes/objects";
import { shapeOfNode, shapeOfPool, type NodeShape } from "./node-shape";
import { ownerKind } from "./pod-needs";
import type { NodeState } from "./scale-down";
import type { PoolState } from "./scale-up";
import type { ApiNode, ApiPool, Inventory } from "./scaleway-pools";

/** Taint of a node that is being removed, as the cluster-autoscaler sets it. */
export const LEAVING_TAINT = "ToBeDeletedByClusterAutoscaler";
const GPU_LABEL = "k8s.scw.cloud/gpu";
const STARTING_TAINTS = ["node.kubernetes.io/not-ready", "node.cloudprovider.kubernetes.io/uninitialized"];
const GONE = ["deleting", "deleted"];

export interface ViewInput {
  readonly inventory: Inventory;
  readonly nodes: readonly Node[];
  readonly pods: readonly Pod[];
  readonly daemonSets: readonly DaemonSet[];
  readonly region: string;
  readonly now: number;
  readonly provisionSeconds: number;
  /** Why a pool may not grow now. */
  readonly held: (poolId: string) => string | undefined;
  /** Names of nodes that this process is removing. */
  readonly removing: ReadonlySet<string>;
}

export interface ClusterView {
  readonly pools: readonly PoolState[];
  /** Nodes that were asked for and are not usable yet. */
  readonly upcoming: readonly NodeShape[];
  readonly nodes: readonly NodeState[];
  /** API nodes that stand for a failed order. */
  readonly failed: readonly ApiNode[];
  /** API nodes that did not register in time. */
  readonly late: readonly ApiNode[];
}

/** Joins what the API and what Kubernetes say about the same nodes. Pure. */
export function viewCluster(input: ViewInput): ClusterView {
  const { inventory, daemonSets, region } = input;
  const pools = inventory.pools
    .filter(({ autoscaling, status }) => autoscaling && !GONE.includes(status) && status !== "locked")
    .map((pool) => ({ pool, template: shapeOfPool(pool, region, daemonSets), held: input.held(pool.id) }));
  const nodes = input.nodes.map((node) => nodeState(node, pools, input));
  const usable = (state: NodeState) => state.ready || !isYoung(state.node, input);
  const upcoming = pools.flatMap(({ pool, template }) => {
    const registered = nodes.filter(({ node, group, leaving }) => !leaving && poolOf(node, group) === pool.id);
    const starting = registered.filter((state) => !usable(state));
    const failures = inventory.nodes.filter(
      ({ pool_id, status }) => pool_id === pool.id && status === "creation_error",
    );
    const unregistered = Math.max(0, pool.size - registered.length - failures.length);
    return [
      ...Array.from({ length: unregistered }, (_, index) => ({ ...template, name: `${pool.name}-upcoming-${index}` })),
      ...starting.map(({ shape, pods }) => startingShape(shape, pods, template)),
    ];
  });
  const registeredIds = new Set(input.nodes.map(({ spec }) => spec.providerID));
  const autoscaled = inventory.nodes.filter(({ pool_id }) => pools.some(({ pool }) => pool.id === pool_id));
  return {
    pools,
    upcoming,
    nodes: nodes.map((state) => ({ ...state, shape: state.ready ? state.shape : { ...state.shape, free: {} } })),
    failed: autoscaled.filter(({ status }) => status === "creation_error"),
    late: autoscaled.filter(
      ({ provider_id, status, created_at }) =>
        !registeredIds.has(provider_id) &&
        ["creating", "starting", "registering", "not_ready"].includes(status) &&
        created_at !== undefined &&
        input.now - Date.parse(created_at) > input.provisionSeconds * 1000,
    ),
  };
}

function nodeState(node: Node, pools: readonly PoolState[], { inventory, pods, removing }: ViewInput): NodeState {
  const own = pods.filter(({ spec }) => spec.nodeName === node.metadata.name);
  const apiNode = inventory.nodes.find(({ provider_id }) => provider_id === node.spec.providerID);
  const pool = pools.find((state) => state.pool.id === apiNode?.pool_id)?.pool;
  return {
    node,
    shape: shapeOfNode(node, own),
    pods: own,
    ready: isReady(node),
    group: pool && apiNode && { pool, node: apiNode },
    awaited: false,
    leaving:
      removing.has(node.metadata.name) ||
      Boolean(node.metadata.deletionTimestamp) ||
      isMarkedLeaving(node) ||
      (apiNode !== undefined && GONE.includes(apiNode.status)),
  };
}

export function isMarkedLeaving({ spec }: Node): boolean {
  return spec.taints?.some(({ key }) => key === LEAVING_TAINT) ?? false;
}

/**
 * Ready and open to pods: the controller manager lifts its taint a moment after the kubelet says Ready, and a node with
 * the GPU label but no GPU to give is still waiting for its driver.
 */
function isReady({ metadata, spec, status }: Node): boolean {
  const ready = status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
  const starting = spec.taints?.some(({ key }) => STARTING_TAINTS.includes(key)) ?? false;
  const awaitsGpu = metadata.labels?.[GPU_LABEL] !== undefined && !(Number(status.allocatable?.["nvidia.com/gpu"]) > 0);
  return ready && !starting && !awaitsGpu;
}

function isYoung({ metadata }: Node, { now, provisionSeconds }: ViewInput): boolean {
  return now - Date.parse(metadata.creationTimestamp ?? "") < provisionSeconds * 1000;
}

function poolOf(node: Node, group: { readonly pool: ApiPool } | undefined): string | undefined {
  return group?.pool.id ?? node.metadata.labels?.["k8s.scaleway.com/pool"];
}

/** A node that registered but is not ready offers what its pool promises, less what is bound to it already. */
function startingShape(shape: NodeShape, pods: readonly Pod[], template: NodeShape): NodeShape {
  const full = shapeOfNode(
    {
      metadata: { name: shape.name, uid: "" },
      spec: { taints: template.taints },
      status: {
        allocatable: Object.fromEntries(Object.entries(template.free).map(([key, value]) => [key, `${value}`])),
      },
    },
    // The template has the daemons' part taken off already.
    pods.filter((pod) => ownerKind(pod) !== "DaemonSet"),
  );
  return { ...full, labels: { ...template.labels, ...shape.labels } };
}
