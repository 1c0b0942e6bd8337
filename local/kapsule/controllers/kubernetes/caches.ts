import type { HttpClient } from "../../../kubernetes/http-client";
import { ResourceCache } from "../../../kubernetes/cache";
import type {
  Container,
  DaemonSet,
  KubernetesObject,
  Metadata,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  PodDisruptionBudget,
  Service,
  StorageClass,
} from "../../../kubernetes/objects";

/** What the controllers know of the cluster. */
export interface Caches {
  readonly pods: ResourceCache<Pod>;
  readonly nodes: ResourceCache<Node>;
  readonly daemonSets: ResourceCache<DaemonSet>;
  readonly budgets: ResourceCache<PodDisruptionBudget>;
  readonly services: ResourceCache<Service>;
  readonly claims: ResourceCache<PersistentVolumeClaim>;
  readonly volumes: ResourceCache<PersistentVolume>;
  readonly storageClasses: ResourceCache<StorageClass>;
}

/** `onChange` is told which resource changed. */
export function makeCaches(
  client: HttpClient,
  onChange: (kind: keyof Caches) => void,
  report: (message: string) => void,
): Caches {
  const cache = <T extends KubernetesObject>(kind: keyof Caches, path: string, trim: (object: KubernetesObject) => T) =>
    new ResourceCache<T>({ client, path, trim, onChange: () => onChange(kind), report });
  return {
    pods: cache("pods", "/api/v1/pods", trimPod),
    nodes: cache("nodes", "/api/v1/nodes", trimNode),
    daemonSets: cache("daemonSets", "/apis/apps/v1/daemonsets", trimDaemonSet),
    budgets: cache("budgets", "/apis/policy/v1/poddisruptionbudgets", whole<PodDisruptionBudget>),
    services: cache("services", "/api/v1/services", whole<Service>),
    claims: cache("claims", "/api/v1/persistentvolumeclaims", whole<PersistentVolumeClaim>),
    volumes: cache("volumes", "/api/v1/persistentvolumes", whole<PersistentVolume>),
    storageClasses: cache("storageClasses", "/apis/storage.k8s.io/v1/storageclasses", whole<StorageClass>),
  };
}

/** Resolve when `signal` aborts. */
export function followAll(caches: Caches, signal: AbortSignal): Promise<void>[] {
  return (Object.values(caches) as ResourceCache<KubernetesObject>[]).map((cache) => cache.follow(signal));
}

function whole<T extends KubernetesObject>(object: KubernetesObject): T {
  return { ...(object as T), metadata: trimMetadata(object.metadata) };
}

/** Drops managedFields and the last applied manifest, the two large parts that nobody here reads. */
function trimMetadata({ name, namespace, uid, resourceVersion, ...rest }: Metadata): Metadata {
  const { creationTimestamp, deletionTimestamp, labels, finalizers, ownerReferences } = rest;
  const annotations = rest.annotations && { ...rest.annotations };
  if (annotations) delete annotations["kubectl.kubernetes.io/last-applied-configuration"];
  const times = { creationTimestamp, deletionTimestamp };
  return { name, namespace, uid, resourceVersion, ...times, labels, annotations, finalizers, ownerReferences };
}

function trimPod(object: KubernetesObject): Pod {
  const { metadata, spec, status } = object as Pod;
  const { nodeName, nodeSelector, affinity, tolerations, priority, terminationGracePeriodSeconds, overhead } = spec;
  return {
    metadata: trimMetadata(metadata),
    spec: {
      ...{ nodeName, nodeSelector, affinity, tolerations, priority, terminationGracePeriodSeconds, overhead },
      resources: spec.resources,
      volumes: spec.volumes?.filter((volume) => volume.emptyDir ?? volume.hostPath ?? volume.persistentVolumeClaim),
      containers: spec.containers.map(trimContainer),
      initContainers: spec.initContainers?.map(trimContainer),
    },
    status: { phase: status.phase, conditions: status.conditions?.filter(({ type }) => type === "PodScheduled") },
  };
}

function trimContainer({ restartPolicy, resources, ports }: Container): Container {
  return { restartPolicy, resources, ports: ports?.filter(({ hostPort }) => hostPort) };
}

function trimNode(object: KubernetesObject): Node {
  const { metadata, spec, status } = object as Node;
  return {
    metadata: trimMetadata(metadata),
    spec: { providerID: spec.providerID, unschedulable: spec.unschedulable, taints: spec.taints },
    status: {
      capacity: status.capacity,
      allocatable: status.allocatable,
      conditions: status.conditions?.filter(({ type }) => type === "Ready"),
    },
  };
}

function trimDaemonSet(object: KubernetesObject): DaemonSet {
  const { metadata, spec } = object as DaemonSet;
  const template = spec.template.spec;
  return {
    metadata: trimMetadata(metadata),
    spec: {
      template: {
        spec: {
          nodeSelector: template.nodeSelector,
          affinity: template.affinity,
          tolerations: [...(template.tolerations ?? []), ...DAEMON_TOLERATIONS],
          overhead: template.overhead,
          containers: template.containers.map(trimContainer),
          initContainers: template.initContainers?.map(trimContainer),
        },
      },
    },
  };
}

/** The DaemonSet controller adds these to each pod; the template does not show them. */
const DAEMON_TOLERATIONS = [
  "not-ready",
  "unreachable",
  "disk-pressure",
  "memory-pressure",
  "pid-pressure",
  "unschedulable",
].map((condition) => ({ key: `node.kubernetes.io/${condition}`, operator: "Exists" }));
