import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { GPU_RESOURCE } from "../cloud/pool-plan";

export interface WorkspaceArgs {
  /** Name of the namespace. It is fixed, because people and network policies name it. */
  readonly namespace: string;
  /** Pod Security level that is enforced. */
  readonly podSecurity: "restricted" | "privileged";
  /** GPUs that pods may ask for at the same time; 0 keeps GPU nodes from being started here at all. */
  readonly maxGpus: number;
}

/**
 * A namespace with walls: what its pods may be is limited, traffic is denied unless a policy allows it, and GPUs are
 * counted.
 */
export class Workspace extends pulumi.ComponentResource {
  readonly namespace: pulumi.Output<string>;

  constructor(name: string, args: WorkspaceArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Workspace", name, args, opts);
    this.namespace = this.createNamespace(name, args).metadata.name;
    this.createDenial(name);
    this.createNameResolution(name);
    this.createQuota(name, args);
    this.createLimits(name);
    this.registerOutputs({ namespace: this.namespace });
  }

  private createNamespace(name: string, { namespace, podSecurity }: WorkspaceArgs) {
    const level = (mode: string, value: string) => ({ [`pod-security.kubernetes.io/${mode}`]: value });
    return new k8s.core.v1.Namespace(
      `${name}-namespace`,
      {
        metadata: {
          name: namespace,
          labels: { ...level("enforce", podSecurity), ...level("warn", "restricted"), ...level("audit", "restricted") },
        },
      },
      { parent: this },
    );
  }

  private createDenial(name: string) {
    return new k8s.networking.v1.NetworkPolicy(
      `${name}-deny`,
      { metadata: { namespace: this.namespace }, spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } },
      { parent: this },
    );
  }

  private createNameResolution(name: string) {
    const port = 53;
    return new k8s.networking.v1.NetworkPolicy(
      `${name}-names`,
      {
        metadata: { namespace: this.namespace },
        spec: {
          podSelector: {},
          policyTypes: ["Egress"],
          egress: [
            {
              to: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
              ports: [
                { protocol: "UDP", port },
                { protocol: "TCP", port },
              ],
            },
          ],
        },
      },
      { parent: this },
    );
  }

  private createQuota(name: string, { maxGpus }: WorkspaceArgs) {
    return new k8s.core.v1.ResourceQuota(
      `${name}-gpus`,
      { metadata: { namespace: this.namespace }, spec: { hard: { [`requests.${GPU_RESOURCE}`]: String(maxGpus) } } },
      { parent: this },
    );
  }

  /** For a container that states nothing, so that it cannot take a whole node. */
  private createLimits(name: string) {
    return new k8s.core.v1.LimitRange(
      `${name}-limits`,
      {
        metadata: { namespace: this.namespace },
        spec: {
          limits: [{ type: "Container", defaultRequest: { cpu: "50m", memory: "64Mi" }, default: { memory: "256Mi" } }],
        },
      },
      { parent: this },
    );
  }
}
