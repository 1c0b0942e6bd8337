import type { Node, Pod, PodDisruptionBudget } from "../../../kubernetes/objects";
import { budgetsOf, podsToMove, unmovable } from "./movable";
import { mismatch, placed, type NodeShape } from "./node-shape";
import { hasEnded, isMirror, ownerKind, podRequests, type PodNeeds } from "./pod-needs";
import type { ApiNode, ApiPool } from "./scaleway-pools";
import type { Settings, Timing } from "./settings";

/** A registered node of the cluster. */
export interface NodeState {
  readonly node: Node;
  readonly shape: NodeShape;
  /** All pods whose spec names the node. */
  readonly pods: readonly Pod[];
  readonly ready: boolean;
  /** Absent for a node that no autoscaled pool made: it takes pods but never goes. */
  readonly group?: { readonly pool: ApiPool; readonly node: ApiNode };
  /** A pending pod is about to land on it. */
  readonly awaited: boolean;
  /** It is on its way out already. */
  readonly leaving: boolean;
}

export interface ScaleDownInput {
  readonly nodes: readonly NodeState[];
  readonly budgets: readonly PodDisruptionBudget[];
  /** By node name, milliseconds since the epoch; of the previous plan. */
  readonly unneededSince: ReadonlyMap<string, number>;
  /** Milliseconds since the epoch of the last growth of any pool, and of the last removal that failed. */
  readonly lastAdd: number;
  readonly lastFailure: number;
  readonly now: number;
  readonly settings: Settings;
  readonly timing: Pick<Timing, "unreadySeconds" | "delayAfterFailureSeconds">;
  readonly needsOf: (pod: Pod) => PodNeeds;
}

export interface Removal {
  readonly node: Node;
  readonly pool: ApiPool;
  readonly apiNode: ApiNode;
  /** Pods to evict first; none for an empty node. */
  readonly evict: readonly Pod[];
  /** Its kubelet does not answer: nobody would end its pods, so that a drain would wait in vain. */
  readonly silent: boolean;
}

export interface ScaleDownPlan {
  readonly unneededSince: ReadonlyMap<string, number>;
  /** To start now: all empty nodes, else one node to drain. */
  readonly removals: readonly Removal[];
  /** Why each node of a pool stays for now. */
  readonly kept: ReadonlyMap<string, string>;
}

/** Which nodes nobody needs, since when, and which of them go now. Pure: the same input gives the same plan. */
export function planScaleDown(input: ScaleDownInput): ScaleDownPlan {
  const { nodes, settings, timing, now } = input;
  const unneededSince = new Map<string, number>();
  const kept = new Map<string, string>();
  const due: Removal[] = [];
  // Where the pods of an unneeded node are thought to go counts as taken for the next node's pods.
  const targets = new Map(
    nodes.filter(({ ready, leaving }) => ready && !leaving).map(({ shape }) => [shape.name, shape]),
  );
  for (const state of [...nodes].sort((a, b) => a.pods.length - b.pods.length)) {
    const { node, group, leaving, ready } = state;
    if (!group || leaving) continue;
    const { name } = node.metadata;
    const reason = needed(state, input) ?? (ready ? moveAway(state, input, targets) : undefined);
    if (reason) {
      kept.set(name, reason);
      continue;
    }
    targets.delete(name);
    const since = input.unneededSince.get(name) ?? now;
    unneededSince.set(name, since);
    const wait = (ready ? settings.unneededSeconds : timing.unreadySeconds) - (now - since) / 1000;
    if (wait > 0) kept.set(name, `unneeded, removed in ${Math.ceil(wait)} s at the earliest`);
    else {
      const evict = ready ? podsToMove(state.pods, settings) : [];
      due.push({ node, pool: group.pool, apiNode: group.node, evict, silent: !ready });
    }
  }
  const pause = pauseReason(input);
  if (pause) for (const { node } of due) kept.set(node.metadata.name, pause);
  return { unneededSince, kept, removals: pause ? [] : chosen(due, nodes, kept) };
}

function pauseReason({ lastAdd, lastFailure, now, settings, timing }: ScaleDownInput): string | undefined {
  const afterAdd = settings.delayAfterAddSeconds - (now - lastAdd) / 1000;
  const afterFailure = timing.delayAfterFailureSeconds - (now - lastFailure) / 1000;
  if (afterAdd > 0) return `unneeded, waiting ${Math.ceil(afterAdd)} s after the last scale-up`;
  if (afterFailure > 0) return `unneeded, waiting ${Math.ceil(afterFailure)} s after a removal that failed`;
  return undefined;
}

/** Reasons of the node itself; where its pods could go is asked last, because it costs most. */
function needed(state: NodeState, { settings, budgets }: ScaleDownInput): string | undefined {
  const { node, awaited, pods, ready } = state;
  if (settings.scaleDownDisabled) return "scale-down is disabled for the cluster";
  if (node.metadata.annotations?.["cluster-autoscaler.kubernetes.io/scale-down-disabled"] === "true")
    return "annotated scale-down-disabled";
  if (awaited) return "a pending pod is about to use it";
  if (!ready) return undefined;
  const used = utilisation(state, settings);
  if (used.share >= settings.utilisationThreshold)
    return `${used.resource} requested ${(used.share * 100).toFixed(0)} %, threshold ${settings.utilisationThreshold * 100} %`;
  for (const pod of podsToMove(pods, settings)) {
    const reason = unmovable(pod, budgets, settings);
    if (reason) return reason;
  }
  return overspent(podsToMove(pods, settings), budgets);
}

/** Each pod alone may go while together they exceed a budget. */
function overspent(pods: readonly Pod[], budgets: readonly PodDisruptionBudget[]): string | undefined {
  const spent = budgets.find(
    (budget) =>
      pods.filter((pod) => budgetsOf(pod, [budget]).length > 0).length > (budget.status.disruptionsAllowed ?? 0),
  );
  return (
    spent &&
    `disruption budget ${spent.metadata.namespace}/${spent.metadata.name} allows fewer disruptions than it has pods here`
  );
}

/** The share of the node that pods ask for; of a GPU node only the GPUs count, idle cores around them are no loss. */
export function utilisation(
  { shape: { allocatable }, pods }: Pick<NodeState, "shape" | "pods">,
  { ignoreDaemonSets }: Pick<Settings, "ignoreDaemonSets">,
): { resource: string; share: number } {
  const counted = pods.filter(
    (pod) => !hasEnded(pod) && !(ignoreDaemonSets && (ownerKind(pod) === "DaemonSet" || isMirror(pod))),
  );
  const resources = (allocatable["nvidia.com/gpu"] ?? 0) > 0 ? ["nvidia.com/gpu"] : ["cpu", "memory"];
  return resources
    .map((resource) => {
      const requested = counted.reduce((total, { spec }) => total + (podRequests(spec)[resource] ?? 0), 0);
      return { resource, share: requested / (allocatable[resource] || Infinity) };
    })
    .reduce((most, one) => (one.share > most.share ? one : most));
}

/** Places the node's pods on the others in `targets`, or says which pod has nowhere to go and changes nothing. */
function moveAway(
  { node, pods }: NodeState,
  { settings, needsOf }: ScaleDownInput,
  targets: Map<string, NodeShape>,
): string | undefined {
  const moved = new Map(targets);
  moved.delete(node.metadata.name);
  for (const pod of podsToMove(pods, settings)) {
    const needs = needsOf(pod);
    const target = [...moved.values()].find((shape) => !mismatch(needs, shape));
    if (!target) return `pod ${pod.metadata.namespace}/${pod.metadata.name} fits on no other node`;
    moved.set(target.name, placed(target, needs));
  }
  for (const [name, shape] of moved) targets.set(name, shape);
  return undefined;
}

/** Never below a pool's minimum; empty nodes together, a node with pods alone and only when none is leaving. */
function chosen(due: readonly Removal[], nodes: readonly NodeState[], kept: Map<string, string>): Removal[] {
  const sizes = new Map<string, number>();
  const allowed = due.filter(({ node, pool }) => {
    const size = sizes.get(pool.id) ?? pool.size - draining(pool, nodes);
    if (size <= pool.min_size) {
      kept.set(node.metadata.name, `pool ${pool.name} is at its minimum of ${pool.min_size}`);
      return false;
    }
    sizes.set(pool.id, size - 1);
    return true;
  });
  const empty = allowed.filter(({ evict }) => evict.length === 0);
  if (empty.length > 0) return empty;
  return nodes.some(({ leaving }) => leaving) ? [] : allowed.slice(0, 1);
}

/** Nodes that leave but that the API still counts, because it is told once they are drained. */
function draining(pool: ApiPool, nodes: readonly NodeState[]): number {
  return nodes.filter(
    ({ leaving, group }) =>
      leaving && group?.pool.id === pool.id && !["deleting", "deleted"].includes(group.node.status),
  ).length;
}
