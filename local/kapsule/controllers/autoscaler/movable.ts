import type { Pod, PodDisruptionBudget } from "../../../kubernetes/objects";
import { labelSelectorMatches } from "../kubernetes/selectors";
import { hasEnded, isMirror, ownerKind } from "./pod-needs";
import type { Settings } from "./settings";

const SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const SAFE_LOCAL_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";

/** Pods that must find another node when this one goes; those that ended, belong to the node or count for nothing stay out. */
export function podsToMove(pods: readonly Pod[], { priorityCutoff }: Pick<Settings, "priorityCutoff">): Pod[] {
  return pods.filter(
    (pod) =>
      !hasEnded(pod) &&
      !pod.metadata.deletionTimestamp &&
      !isMirror(pod) &&
      ownerKind(pod) !== "DaemonSet" &&
      (pod.spec.priority ?? 0) >= priorityCutoff,
  );
}

/** Why the pod keeps its node, by the rules of the cluster-autoscaler; undefined if it may be evicted. */
export function unmovable(
  pod: Pod,
  budgets: readonly PodDisruptionBudget[],
  { skipNodesWithLocalStorage }: Pick<Settings, "skipNodesWithLocalStorage">,
): string | undefined {
  const { name, namespace, annotations = {} } = pod.metadata;
  const title = `pod ${namespace}/${name}`;
  const safe = annotations[SAFE_TO_EVICT];
  if (safe === "false") return `${title} is annotated ${SAFE_TO_EVICT}=false`;
  const budget = budgetsOf(pod, budgets);
  if (safe !== "true") {
    if (!ownerKind(pod)) return `${title} has no controller that would start it again`;
    if (namespace === "kube-system" && budget.length === 0)
      return `${title} is of kube-system and has no disruption budget`;
    const volume = skipNodesWithLocalStorage && localVolume(pod, annotations[SAFE_LOCAL_VOLUMES]);
    if (volume) return `${title} keeps data on the node (volume ${volume})`;
  }
  const spent = budget.find(({ status }) => (status.disruptionsAllowed ?? 0) < 1);
  return spent && `${title}: disruption budget ${spent.metadata.name} allows no disruption now`;
}

export function budgetsOf(pod: Pod, budgets: readonly PodDisruptionBudget[]): PodDisruptionBudget[] {
  return budgets.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.metadata.namespace && labelSelectorMatches(spec.selector, pod.metadata.labels),
  );
}

function localVolume(pod: Pod, safeVolumes = ""): string | undefined {
  const safe = safeVolumes.split(",").map((name) => name.trim());
  return pod.spec.volumes?.find(
    ({ name, emptyDir, hostPath }) =>
      !safe.includes(name) && (hostPath !== undefined || (emptyDir !== undefined && emptyDir.medium !== "Memory")),
  )?.name;
}
