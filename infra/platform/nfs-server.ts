import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Quantity } from "../settings/fields";
import { blockDisk } from "./block-disk";
import { labels } from "./labels";
import { scratch, USER_ID } from "./pods";

export interface NfsServerArgs {
  readonly namespace: pulumi.Input<string>;
  readonly image: pulumi.Input<string>;
  readonly pullSecretName: pulumi.Input<string>;
  readonly priorityClassName: pulumi.Input<string>;
  /** Placement of the server: pools whose nodes last. */
  readonly nodeSelector: Readonly<Record<string, string>>;
  /** Size of the block volume; it grows in place and never shrinks. Cost: billed by size, used or not. */
  readonly size: Quantity;
  /** Class of the block volume. */
  readonly storageClass: string;
}

const NFS_PORT = 2049;
/** Directory that the server exports, under the same name. */
export const EXPORT_PATH = "/export";
/** What root of the server may do: act on files as the user of a client that asks, and nothing to the machine. */
const CAPABILITIES = [
  "CHOWN",
  "DAC_OVERRIDE",
  // File handles are opened without a path, which the kernel allows to this capability alone.
  "DAC_READ_SEARCH",
  "FOWNER",
  "SETGID",
  "SETUID",
] as const;
const SERVER_LABELS = labels("nfs-server", "storage");

/**
 * An NFS 4 server in user space in front of one block volume: what Scaleway's block volumes cannot do, be mounted on
 * several nodes at once, costs one small pod. One replica, since the volume follows one node; a restart holds up
 * clients (their mounts are hard) and breaks none.
 */
export class NfsServer extends pulumi.ComponentResource {
  /** Cluster address of the server, known once it answers. */
  readonly address: pulumi.Output<string>;

  constructor(name: string, args: NfsServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:NfsServer", name, args, opts);
    const disk = blockDisk(`${name}-disk`, args, { parent: this });
    const server = this.createServer(name, args, disk);
    const service = this.createService(name, args, server);
    this.createAccess(name, args);
    this.address = service.spec.clusterIP;
    this.registerOutputs({ address: this.address });
  }

  private createServer(name: string, args: NfsServerArgs, disk: k8s.core.v1.PersistentVolumeClaim) {
    const { namespace, image, pullSecretName, priorityClassName, nodeSelector } = args;
    return new k8s.apps.v1.Deployment(
      `${name}-server`,
      {
        metadata: { namespace },
        spec: {
          replicas: 1,
          // The volume belongs to one node at a time: the old pod goes before the new one comes.
          strategy: { type: "Recreate" },
          selector: { matchLabels: SERVER_LABELS },
          template: {
            metadata: {
              labels: SERVER_LABELS,
              annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
            },
            spec: {
              automountServiceAccountToken: false,
              imagePullSecrets: [{ name: pullSecretName }],
              priorityClassName,
              nodeSelector: { ...nodeSelector },
              securityContext: {
                // The group that steps run as may write at the root of the export. A tree that has it is not walked again,
                // which would take minutes for millions of files.
                fsGroup: USER_ID,
                fsGroupChangePolicy: "OnRootMismatch",
                seccompProfile: { type: "RuntimeDefault" },
              },
              containers: [
                {
                  name: "nfs-server",
                  image,
                  ports: [{ name: "nfs", containerPort: NFS_PORT }],
                  readinessProbe: { tcpSocket: { port: NFS_PORT }, periodSeconds: 5 },
                  livenessProbe: { tcpSocket: { port: NFS_PORT }, periodSeconds: 20, failureThreshold: 6 },
                  resources: { requests: { cpu: "100m", memory: "128Mi" }, limits: { memory: "512Mi" } },
                  securityContext: {
                    privileged: false,
                    allowPrivilegeEscalation: false,
                    readOnlyRootFilesystem: true,
                    capabilities: { drop: ["ALL"], add: [...CAPABILITIES] },
                  },
                  volumeMounts: [
                    { name: "disk", mountPath: EXPORT_PATH },
                    { name: "run", mountPath: "/run" },
                    scratch.mount,
                  ],
                },
              ],
              volumes: [
                { name: "disk", persistentVolumeClaim: { claimName: disk.metadata.name } },
                { name: "run", emptyDir: {} },
                scratch.volume,
              ],
            },
          },
        },
      },
      { parent: this },
    );
  }

  private createService(name: string, { namespace }: NfsServerArgs, server: k8s.apps.v1.Deployment) {
    return new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { namespace },
        spec: { selector: SERVER_LABELS, ports: [{ name: "nfs", port: NFS_PORT, targetPort: "nfs" }] },
      },
      // Whoever learns the address mounts it at once.
      { parent: this, dependsOn: [server] },
    );
  }

  private createAccess(name: string, { namespace }: NfsServerArgs) {
    return new k8s.networking.v1.NetworkPolicy(
      `${name}-access`,
      {
        metadata: { namespace },
        spec: {
          podSelector: { matchLabels: SERVER_LABELS },
          policyTypes: ["Ingress"],
          // No source is named: kubelets mount from their nodes, and Cilium does not count nodes into address blocks.
          // Pods are kept away by their own namespaces, which deny what they send.
          ingress: [{ ports: [{ protocol: "TCP", port: NFS_PORT }] }],
        },
      },
      { parent: this },
    );
  }
}
