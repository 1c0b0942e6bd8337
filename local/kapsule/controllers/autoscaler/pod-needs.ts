import { amounts, greatest, sum, type Amounts } from "../kubernetes/quantity";
import type {
  Container,
  NodeSelector,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
} from "../../../kubernetes/objects";

/** A pod and what a node must offer for it. */
export interface PodNeeds {
  readonly pod: Pod;
  readonly requests: Amounts;
  /** Node affinities of the volumes it uses. */
  readonly volumes: readonly NodeSelector[];
  /** Why no node of any pool would help, where that is known. */
  readonly hopeless?: string;
}

/** Resources by the name under which a host port competes for a node. */
export const HOST_PORT = "hostPort/";

/**
 * What the scheduler counts: containers and sidecars together, or the greediest moment of the init phase, whichever is
 * more; then the overhead of the runtime class. A request of the pod as a whole replaces those of its containers.
 */
export function podRequests(spec: PodSpec): Amounts {
  let running: Amounts = {};
  let starting: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    const requests = amounts(container.resources?.requests);
    if (container.restartPolicy === "Always") {
      running = sum(running, requests);
      starting = greatest(starting, running);
    } else {
      starting = greatest(starting, sum(running, requests));
    }
  }
  for (const container of spec.containers) running = sum(running, amounts(container.resources?.requests));
  const whole = { ...greatest(running, starting), ...amounts(spec.resources?.requests) };
  return sum(sum(whole, amounts(spec.overhead)), { pods: 1, ...hostPorts(spec.containers) });
}

function hostPorts(containers: readonly Container[]): Amounts {
  const ports = containers.flatMap((container) => container.ports ?? []).filter(({ hostPort }) => hostPort);
  return Object.fromEntries(ports.map(({ hostPort }) => [`${HOST_PORT}${hostPort}`, 1]));
}

export interface VolumeLookup {
  claim(name: string, namespace: string | undefined): PersistentVolumeClaim | undefined;
  volume(name: string): PersistentVolume | undefined;
}

export function podNeeds(pod: Pod, lookup: VolumeLookup): PodNeeds {
  const volumes: NodeSelector[] = [];
  let hopeless: string | undefined;
  for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
    if (!persistentVolumeClaim) continue;
    const claim = lookup.claim(persistentVolumeClaim.claimName, pod.metadata.namespace);
    if (!claim) hopeless = `persistentvolumeclaim "${persistentVolumeClaim.claimName}" not found`;
    const required = claim?.spec.volumeName && lookup.volume(claim.spec.volumeName)?.spec.nodeAffinity?.required;
    if (required) volumes.push(required);
  }
  return { pod, requests: podRequests(pod.spec), volumes, hopeless };
}

/** The scheduler has looked at the pod and found no node; a pod that waits at a gate has not been looked at. */
export function isUnschedulable({ spec, status, metadata }: Pod): boolean {
  const scheduled = status.conditions?.find(({ type }) => type === "PodScheduled");
  return (
    !spec.nodeName &&
    !metadata.deletionTimestamp &&
    (status.phase ?? "Pending") === "Pending" &&
    scheduled?.status === "False" &&
    scheduled.reason === "Unschedulable"
  );
}

/** A pod that ended keeps its object, and its node's name, but nothing of the node. */
export function hasEnded({ status }: Pod): boolean {
  return status.phase === "Succeeded" || status.phase === "Failed";
}

export function ownerKind(pod: Pod): string | undefined {
  return pod.metadata.ownerReferences?.find(({ controller }) => controller)?.kind;
}

/** Started by the kubelet from a file; it cannot be evicted. */
export function isMirror(pod: Pod): boolean {
  return pod.metadata.annotations?.["kubernetes.io/config.mirror"] !== undefined;
}
