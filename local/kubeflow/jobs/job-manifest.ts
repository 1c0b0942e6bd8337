import { MAX_CACHE_STALENESS } from "../ir/read-platform";
import type { ContainerOrder, PodSettings } from "./container-runner";

export const MANAGED_BY = { "app.kubernetes.io/managed-by": "pipelines-backend" } as const;
export const CONTAINER = "main";

/** A user that has a name in no image and owns nothing. */
const UNPRIVILEGED = 65532;
/** Time to end well after SIGTERM. */
const GRACE_SECONDS = 5;
/** A node that is silent so long is given up; Kubernetes itself would wait five minutes. */
const SILENT_NODE_SECONDS = 60;
/** The backend removes its Jobs itself; this is for those of a backend that was removed before them. */
const TIME_TO_LIVE_SECONDS = 24 * 3600;

interface Volume {
  readonly name: string;
  readonly [source: string]: unknown;
}

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
  readonly readOnly?: boolean;
}

/** What all steps of a cluster have in common. */
export interface StepSurroundings {
  /** Claim of the shared volume, of which a step sees its own directory. */
  readonly sharedClaim: string;
  /** Secret with which nodes pull images, beside those that a step names. */
  readonly pullSecret?: string;
  readonly priorityClass?: string;
}

/**
 * The Job of one try of a step: one pod, one container, no try of its own beyond the first. It satisfies the Pod
 * Security level `restricted`.
 */
export function jobManifest(
  order: ContainerOrder,
  { sharedClaim, pullSecret, priorityClass }: StepSurroundings,
): object {
  const { pod, jobName } = order;
  const volumes = new Volumes();
  const shared = volumes.add({ persistentVolumeClaim: { claimName: sharedClaim } });
  const mounts: Mount[] = [
    ...order.mounts.map((mount) => ({ ...mount, name: shared })),
    ...stepMounts(pod, volumes, sharedClaim, shared),
  ];
  const group = pod.runAsGroup ?? pod.runAsUser ?? UNPRIVILEGED;
  const labels = { ...order.labels, ...MANAGED_BY };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: jobName, labels },
    spec: {
      backoffLimit: 0,
      ttlSecondsAfterFinished: TIME_TO_LIVE_SECONDS,
      template: {
        metadata: { labels, annotations: withoutOurs(order.annotations) },
        spec: {
          restartPolicy: "Never",
          automountServiceAccountToken: false,
          enableServiceLinks: false,
          serviceAccountName: order.serviceAccount || undefined,
          terminationGracePeriodSeconds: GRACE_SECONDS,
          activeDeadlineSeconds: pod.activeDeadlineSeconds,
          nodeSelector: pod.nodeSelector,
          affinity: pod.nodeAffinity && { nodeAffinity: pod.nodeAffinity },
          tolerations: [...pod.tolerations, ...SILENT_NODE],
          priorityClassName: priorityClass,
          imagePullSecrets: [...new Set([...pod.imagePullSecrets, pullSecret ?? []].flat())].map((name) => ({ name })),
          securityContext: {
            runAsNonRoot: true,
            runAsUser: pod.runAsUser ?? UNPRIVILEGED,
            runAsGroup: group,
            seccompProfile: { type: "RuntimeDefault" },
          },
          containers: [
            {
              name: CONTAINER,
              image: order.image,
              imagePullPolicy: pod.imagePullPolicy,
              command: order.command.length > 0 ? order.command : undefined,
              args: order.args.length > 0 ? order.args : undefined,
              env: environment(order),
              resources: { requests: order.requests, limits: order.limits },
              volumeMounts: mounts,
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
            },
          ],
          volumes: volumes.all,
        },
      },
    },
  };
}

const SILENT_NODE = ["not-ready", "unreachable"].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: SILENT_NODE_SECONDS,
}));

/** Names of volumes are numbers, so that no name of a claim or secret can be wrong, or there twice. */
class Volumes {
  readonly all: Volume[] = [];

  add(source: Readonly<Record<string, unknown>>): string {
    const name = `volume-${this.all.length}`;
    this.all.push({ name, ...source });
    return name;
  }
}

function stepMounts(pod: PodSettings, volumes: Volumes, sharedClaim: string, shared: string): Mount[] {
  const claims = new Map([[sharedClaim, shared]]);
  const claimVolume = (claimName: string): string => {
    const name = claims.get(claimName) ?? volumes.add({ persistentVolumeClaim: { claimName } });
    claims.set(claimName, name);
    return name;
  };
  return [
    ...pod.claims.map(({ claim, mountPath, subPath }) => ({ name: claimVolume(claim), mountPath, subPath })),
    ...pod.emptyDirs.map(({ mountPath, ...emptyDir }) => ({ name: volumes.add({ emptyDir }), mountPath })),
    ...pod.secretFiles.map(({ name, mountPath, optional }) => ({
      name: volumes.add({ secret: { secretName: name, optional } }),
      mountPath,
      readOnly: true,
    })),
    ...pod.configMapFiles.map(({ name, mountPath, optional }) => ({
      name: volumes.add({ configMap: { name, optional } }),
      mountPath,
      readOnly: true,
    })),
  ];
}

function environment({ env, pod }: ContainerOrder): object[] {
  const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
  return [
    field("KFP_POD_NAME", "metadata.name"),
    field("KFP_POD_UID", "metadata.uid"),
    ...pod.fieldEnv.map(({ name, fieldPath }) => field(name, fieldPath)),
    ...pod.secretEnv.map(({ name, key, variable, optional }) => ({
      name: variable,
      valueFrom: { secretKeyRef: { name, key, optional } },
    })),
    ...pod.configMapEnv.map(({ name, key, variable, optional }) => ({
      name: variable,
      valueFrom: { configMapKeyRef: { name, key, optional } },
    })),
    ...env,
  ];
}

/** The bound on a cached result's age is for the backend. */
function withoutOurs(annotations: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== MAX_CACHE_STALENESS));
}
