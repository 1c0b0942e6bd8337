import { amounts, subtract, type Amounts } from "../kubernetes/quantity";
import type { DaemonSet, Node, NodeTaint, Pod, PodAffinityTerm } from "../../../kubernetes/objects";
import { labelSelectorMatches, nodeSelectorMatches, untoleratedTaint } from "../kubernetes/selectors";
import { HOST_PORT, hasEnded, podRequests, type PodNeeds } from "./pod-needs";
import type { ApiPool } from "./scaleway-pools";

/** A node as far as placing pods on it goes: a real one, or one that a pool would make. Never changed in place. */
export interface NodeShape {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
  readonly allocatable: Amounts;
  /** What is left of `allocatable`. */
  readonly free: Amounts;
  readonly pods: readonly Pod[];
}

/** Taints that a node carries only while it starts or leaves; a template of it has none of them. */
const PASSING_TAINTS =
  /^(node\.kubernetes\.io\/|node\.cloudprovider\.kubernetes\.io\/|DeletionCandidateOfClusterAutoscaler$)/;

export function shapeOfNode(node: Node, pods: readonly Pod[]): NodeShape {
  const allocatable = amounts(node.status.allocatable);
  const shape: NodeShape = {
    name: node.metadata.name,
    labels: node.metadata.labels ?? {},
    taints: node.spec.taints ?? [],
    allocatable,
    free: allocatable,
    pods: [],
  };
  return pods.filter((pod) => !hasEnded(pod)).reduce(withPod, shape);
}

/**
 * The node that a pool would add: what the API says of the pool and no more, save the labels that each Kapsule node
 * carries; daemon sets have taken their part already.
 */
export function shapeOfPool(pool: ApiPool, region: string, daemonSets: readonly DaemonSet[]): NodeShape {
  const name = `template-of-${pool.name}`;
  const labels = {
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "kubernetes.io/hostname": name,
    "topology.kubernetes.io/region": region,
    "topology.kubernetes.io/zone": pool.zone,
    "node.kubernetes.io/instance-type": pool.node_type,
    "k8s.scaleway.com/pool": pool.id,
    "k8s.scaleway.com/pool-name": pool.name,
    ...pool.labels,
  };
  const allocatable = pool.allocatable ?? {};
  const taints = Object.entries(pool.taints ?? {})
    .map(([key, text]) => taintOf(key, text))
    .filter(({ key }) => !PASSING_TAINTS.test(key));
  const shape: NodeShape = { name, labels, taints, allocatable, free: allocatable, pods: [] };
  return daemonSets.filter((set) => daemonRunsOn(set, shape)).reduce(withDaemon, shape);
}

function taintOf(key: string, text: string): NodeTaint {
  const cut = text.lastIndexOf(":");
  return { key, value: text.slice(0, Math.max(cut, 0)), effect: text.slice(cut + 1) };
}

function withPod(shape: NodeShape, pod: Pod): NodeShape {
  return { ...shape, free: subtract(shape.free, podRequests(pod.spec)), pods: [...shape.pods, pod] };
}

function withDaemon(shape: NodeShape, set: DaemonSet): NodeShape {
  return { ...shape, free: subtract(shape.free, podRequests(set.spec.template.spec)) };
}

function daemonRunsOn({ spec }: DaemonSet, shape: NodeShape): boolean {
  return !placeMismatch(spec.template.spec, shape) && !untoleratedTaint(shape.taints, spec.template.spec.tolerations);
}

function placeMismatch({ nodeSelector = {}, affinity }: Pod["spec"], { labels, name }: NodeShape): boolean {
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  return (
    Object.entries(nodeSelector).some(([key, value]) => labels[key] !== value) ||
    (required !== undefined && !nodeSelectorMatches(required, labels, name))
  );
}

/** Why the pod cannot run on the node, in the scheduler's words; undefined if it can. */
export function mismatch({ pod, requests, volumes, hopeless }: PodNeeds, shape: NodeShape): string | undefined {
  if (hopeless) return hopeless;
  if (placeMismatch(pod.spec, shape)) return "node(s) didn't match Pod's node affinity/selector";
  const taint = untoleratedTaint(shape.taints, pod.spec.tolerations);
  if (taint) return `node(s) had untolerated taint {${taint.key}: ${taint.value ?? ""}}`;
  if (volumes.some((required) => !nodeSelectorMatches(required, shape.labels, shape.name)))
    return "node(s) had volume node affinity conflict";
  const short = Object.keys(requests).find((name) => (requests[name] ?? 0) > available(shape, name));
  if (short === "pods") return "Too many pods";
  if (short?.startsWith(HOST_PORT)) return "node(s) didn't have free ports for the requested pod ports";
  if (short) return `Insufficient ${short}`;
  if (shape.pods.some((other) => repels(pod, other) || repels(other, pod)))
    return "node(s) didn't match pod anti-affinity rules";
  return undefined;
}

function available({ free }: NodeShape, name: string): number {
  // A port nobody has taken is not listed; taking it leaves minus one.
  return name.startsWith(HOST_PORT) ? 1 + (free[name] ?? 0) : (free[name] ?? 0);
}

/** The node with the pod on it; `mismatch` must have been asked before. */
export function placed(shape: NodeShape, { pod, requests }: PodNeeds): NodeShape {
  return { ...shape, free: subtract(shape.free, requests), pods: [...shape.pods, pod] };
}

function repels(pod: Pod, other: Pod): boolean {
  const terms = pod.spec.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.some((term) => term.topologyKey === "kubernetes.io/hostname" && concerns(term, pod, other));
}

function concerns({ labelSelector }: PodAffinityTerm, pod: Pod, other: Pod): boolean {
  return (
    pod.metadata.namespace === other.metadata.namespace && labelSelectorMatches(labelSelector, other.metadata.labels)
  );
}
