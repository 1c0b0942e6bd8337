import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { ClusterSettings } from "../settings/cluster";
import type { Project } from "../settings/project";
import { goesWith } from "./goes-with";
import { Network } from "./network";
import { Pools } from "./pools";
import { tags } from "./tags";

export interface ClusterArgs extends ClusterSettings {
  readonly project: Project;
}

/** Level at which Kapsule's autoscaler logs by default; another one would replace the whole cluster. */
const AUTOSCALER_LOG_LEVEL = 2;

/** A Kapsule cluster in a network of its own, with its pools. */
export class Cluster extends pulumi.ComponentResource {
  /** Cluster as `<region>/<uuid>`. */
  readonly id: pulumi.Output<string>;
  /** The control plane itself; what lives in the cluster goes with it. */
  readonly controlPlane: scaleway.kubernetes.Cluster;
  /** Network of the nodes, as `<region>/<uuid>`. */
  readonly privateNetworkId: pulumi.Output<string>;
  /** Pool ids by name. */
  readonly poolIds: Readonly<Record<string, pulumi.Output<string>>>;
  /** Provider for what runs in the cluster, usable once its first node is there. */
  readonly kubernetes: k8s.Provider;
  /** Options of everything that runs in the cluster: its provider, and that a destroy need not empty the cluster first. */
  readonly inside: pulumi.ComponentResourceOptions;
  /** Secret. Gives every right in the cluster. */
  readonly kubeconfig: pulumi.Output<string>;

  constructor(name: string, args: ClusterArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:cloud:Cluster", name, args, { protect: args.protect, ...opts });
    const network = new Network(`${name}-network`, args, { parent: this });
    this.privateNetworkId = network.privateNetworkId;
    this.controlPlane = this.createControlPlane(name, args, network);
    this.createAccessList(name, args);
    const pools = this.createPools(name, args);
    this.id = this.controlPlane.id;
    this.poolIds = pools.ids;
    this.kubeconfig = this.readKubeconfig(name, pools);
    this.kubernetes = this.createProvider(name);
    this.inside = {
      providers: { kubernetes: this.kubernetes },
      transformations: [goesWith(this.controlPlane, args.deleteAdditionalResources)],
    };
    this.registerOutputs({ id: this.id, poolIds: this.poolIds });
  }

  private createControlPlane(name: string, args: ClusterArgs, network: Network) {
    const { project, autoUpgrade } = args;
    return new scaleway.kubernetes.Cluster(
      `${name}-control-plane`,
      {
        projectId: project.projectId,
        region: project.region,
        type: args.type,
        version: args.version,
        cni: args.cni,
        privateNetworkId: network.privateNetworkId,
        deleteAdditionalResources: args.deleteAdditionalResources,
        // The three belong together: the API refuses a part of them.
        autoUpgrade: autoUpgrade && {
          enable: true,
          maintenanceWindowDay: autoUpgrade.day,
          maintenanceWindowStartHour: autoUpgrade.startHourUtc,
        },
        autoscalerConfig: autoscalerConfig(args.autoscaler),
        tags: tags(),
      },
      { parent: this },
    );
  }

  private createAccessList(name: string, { access, project }: ClusterArgs) {
    if (!access) return;
    new scaleway.kubernetes.Acl(
      `${name}-access`,
      {
        clusterId: this.controlPlane.id,
        region: project.region,
        aclRules: [
          // Nodes reach the API server by Scaleway's own ranges, and would be cut off without them.
          { scalewayRanges: true, description: "Nodes" },
          ...access.networks.map(({ network, description }) => ({ ip: network, description })),
        ],
      },
      { parent: this },
    );
  }

  private createPools(name: string, { project, pools }: ClusterArgs) {
    return new Pools(`${name}-pools`, { project, pools, clusterId: this.controlPlane.id }, { parent: this });
  }

  /** Waits for the first node: until then the API server of a new cluster has no address. */
  private readKubeconfig(name: string, pools: Pools): pulumi.Output<string> {
    const configFile = pulumi.all([this.controlPlane.kubeconfigs, pools.nodesReady]).apply(([kubeconfigs]) => {
      const [kubeconfig] = kubeconfigs;
      // The provider drops a refused answer (403) without a word.
      if (!kubeconfig)
        throw new Error(
          `Cluster "${name}" has no kubeconfig. Give the deploying key the permission set KubernetesSystemMastersGroupAccess.`,
        );
      return kubeconfig.configFile;
    });
    return pulumi.secret(configFile);
  }

  private createProvider(name: string) {
    return new k8s.Provider(
      `${name}-kubernetes`,
      {
        kubeconfig: this.kubeconfig,
        // Without it a rotated kubeconfig looks like another cluster, and replaces everything in this one.
        clusterIdentifier: this.controlPlane.id,
        enableServerSideApply: true,
        // What was changed by hand goes back to what the program says, instead of failing every later deploy.
        enablePatchForce: true,
        // A replaced Secret has another name, and a Job that names it would run again because a key was rotated.
        enableSecretMutable: true,
      },
      { parent: this },
    );
  }
}

function autoscalerConfig(settings: ClusterSettings["autoscaler"]) {
  const { scaleDownEnabled, maxGracefulTerminationSeconds, ...same } = settings;
  return {
    ...same,
    disableScaleDown: !scaleDownEnabled,
    maxGracefulTerminationSec: maxGracefulTerminationSeconds,
    logLevel: AUTOSCALER_LOG_LEVEL,
  };
}
