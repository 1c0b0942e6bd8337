import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../settings/fields";
import { labels } from "../labels";
import { NODE_DISK, requirements, restrictedContainer } from "../pods";
import { APPLICATION, type Surroundings } from "./surroundings";

/** User and group of a pod. */
export interface User {
  readonly id: number;
  readonly group: number;
}

/** As whom the images of Kubeflow run: their files belong to group 0, as upstream's manifests have it. */
export const KUBEFLOW_USER: User = { id: 1000, group: 0 };

/** A directory of the container. */
export interface Mount {
  readonly name: string;
  readonly path: string;
  readonly source: Omit<k8s.types.input.core.v1.Volume, "name">;
  readonly readOnly?: boolean;
}

export interface WorkloadArgs {
  readonly surroundings: Surroundings;
  /** Which part of the backend it is; its pods are found by it. */
  readonly component: string;
  readonly image: pulumi.Input<string>;
  /** Secret for `imagePullSecrets`; official images need none. */
  readonly pullSecretName?: pulumi.Input<string>;
  readonly user: User;
  readonly command?: readonly string[];
  readonly args?: pulumi.Input<string>[];
  readonly env?: k8s.types.input.core.v1.EnvVar[];
  readonly ports?: Readonly<Record<string, number>>;
  readonly probes: Pick<
    k8s.types.input.core.v1.Container,
    "startupProbe" | "readinessProbe" | "livenessProbe" | "lifecycle"
  >;
  readonly resources: ContainerResources;
  /** Account whose token the container gets; without it, it gets none. */
  readonly serviceAccountName?: pulumi.Input<string>;
  readonly mounts?: readonly Mount[];
  /** Directories that can be written to and are lost with the pod. */
  readonly scratch?: readonly string[];
  /** Whether the old pod goes before the new one comes: for what only one may use at a time. */
  readonly alone?: boolean;
  readonly gracePeriodSeconds?: number;
  /** Changes of these start the pods anew. */
  readonly restartOn?: Readonly<Record<string, pulumi.Input<string>>>;
}

/** Labels of the pods of one part. */
export const podLabels = (component: string) => labels(APPLICATION, component);

/** One part of a backend: a single pod with a single container, within what the level "restricted" admits. */
export function workload(name: string, args: WorkloadArgs, opts: pulumi.CustomResourceOptions): k8s.apps.v1.Deployment {
  const { surroundings, component, alone = false, restartOn } = args;
  const matchLabels = podLabels(component);
  return new k8s.apps.v1.Deployment(
    name,
    {
      metadata: { namespace: surroundings.namespace, labels: matchLabels },
      spec: {
        replicas: 1,
        strategy: alone
          ? { type: "Recreate" }
          : { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        selector: { matchLabels },
        template: {
          metadata: {
            labels: matchLabels,
            annotations: {
              // Scratch directories hold nothing that is missed: a node with such a pod may be given back.
              "cluster-autoscaler.kubernetes.io/safe-to-evict": String(!alone),
              ...restartOn,
            },
          },
          spec: podSpec(args),
        },
      },
    },
    opts,
  );
}

function podSpec(args: WorkloadArgs): k8s.types.input.core.v1.PodSpec {
  const { surroundings, user, serviceAccountName, pullSecretName, scratch = [] } = args;
  const mounts: readonly Mount[] = [
    ...(args.mounts ?? []),
    ...scratch.map((path) => ({ name: scratchName(path), path, source: { emptyDir: { sizeLimit: NODE_DISK.limit } } })),
  ];
  return {
    ...(serviceAccountName !== undefined && { serviceAccountName }),
    automountServiceAccountToken: serviceAccountName !== undefined,
    // Names of the namespace's Services as variables would be read as settings (ML_PIPELINE_SERVICE_PORT is one).
    enableServiceLinks: false,
    ...(pullSecretName !== undefined && { imagePullSecrets: [{ name: pullSecretName }] }),
    priorityClassName: surroundings.priorityClassName,
    nodeSelector: { ...surroundings.nodeSelector },
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user.id,
      runAsGroup: user.group,
      fsGroup: user.group === 0 ? user.id : user.group,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    terminationGracePeriodSeconds: args.gracePeriodSeconds ?? 30,
    containers: [container(args, mounts)],
    volumes: mounts.map(({ name, source }) => ({ name, ...source })),
  };
}

function container(args: WorkloadArgs, mounts: readonly Mount[]): k8s.types.input.core.v1.Container {
  return {
    name: args.component,
    image: args.image,
    imagePullPolicy: "IfNotPresent",
    ...(args.command && { command: [...args.command] }),
    ...(args.args && { args: args.args }),
    ...(args.env && { env: args.env }),
    ports: Object.entries(args.ports ?? {}).map(([name, containerPort]) => ({ name, containerPort })),
    ...args.probes,
    resources: requirements(args.resources),
    securityContext: restrictedContainer,
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: mounts.map(({ name, path, readOnly = false }) => ({ name, mountPath: path, readOnly })),
  };
}

function scratchName(path: string): string {
  return `scratch${path.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`;
}

/** Values of a container's environment, from plain text and from entries of Secrets. */
export function environment(
  plain: Readonly<Record<string, pulumi.Input<string>>>,
  secret: Readonly<Record<string, { readonly name: pulumi.Input<string>; readonly key: string }>> = {},
): k8s.types.input.core.v1.EnvVar[] {
  return [
    ...Object.entries(plain).map(([name, value]) => ({ name, value })),
    ...Object.entries(secret).map(([name, secretKeyRef]) => ({ name, valueFrom: { secretKeyRef } })),
  ];
}

/** The pod's own namespace, as a variable. */
export const namespaceVariable = (name: string): k8s.types.input.core.v1.EnvVar => ({
  name,
  valueFrom: { fieldRef: { fieldPath: "metadata.namespace" } },
});

/**
 * A token by which the pod proves to the API of Kubeflow Pipelines who it is; kubelets renew it.
 * @param file name under which the controllers of Kubeflow look for it
 */
export const accountToken = (file: string): Mount => ({
  name: "kubeflow-token",
  path: "/var/run/secrets/kubeflow/tokens",
  source: {
    projected: {
      sources: [{ serviceAccountToken: { path: file, audience: "pipelines.kubeflow.org", expirationSeconds: 3600 } }],
    },
  },
  readOnly: true,
});
