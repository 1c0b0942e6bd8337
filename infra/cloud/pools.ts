import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { PoolSettings } from "../settings/pools";
import type { Project } from "../settings/project";
import { planPool, poolsInOrder } from "./pool-plan";
import { tags } from "./tags";

export interface PoolsArgs {
  readonly project: Project;
  readonly clusterId: pulumi.Input<string>;
  /** Pools by name. Cost: the nodes between minNodes and maxNodes of each, per minute from their creation. */
  readonly pools: Readonly<Record<string, PoolSettings>>;
}

/**
 * The node pools of a cluster.
 * @throws ResourceError if a pool cannot exist
 */
export class Pools extends pulumi.ComponentResource {
  /** Ids as `<region>/<uuid>` by the pool's name, each known once the pool has its first nodes. */
  readonly ids: Readonly<Record<string, pulumi.Output<string>>>;
  /** Resolved once the cluster has nodes on which pods can run. */
  readonly nodesReady: pulumi.Output<string[]>;

  constructor(name: string, args: PoolsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:cloud:Pools", name, args, opts);
    const { first, later } = poolsInOrder(args.pools);
    // One after the other: Kapsule refuses pools made side by side while the cluster has none.
    const lasting = first.reduce<scaleway.kubernetes.Pool[]>(
      (made, pool) => [...made, this.createPool(name, pool, args, made)],
      [],
    );
    const elastic = later.map((pool) => this.createPool(name, pool, args, lasting));
    const ids = [...lasting, ...elastic].map((pool) => pool.id);
    this.ids = Object.fromEntries([...first, ...later].map((pool, i) => [pool, ids[i] as pulumi.Output<string>]));
    this.nodesReady = pulumi.all(lasting.map((pool) => pool.id));
    this.registerOutputs({ ids: this.ids });
  }

  private createPool(name: string, pool: string, args: PoolsArgs, after: scaleway.kubernetes.Pool[]) {
    const settings = args.pools[pool] as PoolSettings;
    const { size, minSize, maxSize, autoscaling, labels, taints } = this.plan(pool, settings);
    return new scaleway.kubernetes.Pool(
      `${name}-${pool}`,
      {
        clusterId: args.clusterId,
        region: args.project.region,
        zone: settings.zone ?? args.project.zone,
        nodeType: settings.nodeType,
        size,
        minSize,
        maxSize,
        autoscaling,
        autohealing: settings.autohealing,
        rootVolumeSizeInGb: settings.rootVolumeGb,
        labels,
        taints: [...taints],
        tags: tags(),
      },
      // The autoscaler owns the size once the pool exists.
      { parent: this, dependsOn: after, ignoreChanges: autoscaling ? ["size"] : [] },
    );
  }

  private plan(pool: string, settings: PoolSettings) {
    try {
      return planPool(pool, settings);
    } catch (error) {
      throw new pulumi.ResourceError((error as Error).message, this, true);
    }
  }
}
