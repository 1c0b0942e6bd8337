import { z } from "zod";
import { findServerType, nodeTypeMistake } from "../instance/node-types";
import { breaksRule, quotaExceeded } from "../server/errors";
import { isZone, optional, regionOfZone } from "../server/validation";
import { clusterType } from "./cluster-types";
import type { Cluster, Pool } from "./records";

const effect = z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]);

export const taintSchema = z
  .object({ key: z.string().min(1), value: optional(z.string()), effect })
  .transform(({ key, value, effect: chosen }) => ({ key, value: value ?? "", effect: chosen }));

export const upgradePolicySchema = optional(
  z.object({ max_unavailable: optional(z.int().min(0)), max_surge: optional(z.int().min(0)) }),
);

const SMALLEST_ROOT_BYTES = 20_000_000_000;
const LARGEST_ROOT_BYTES = 10_000_000_000_000;

export interface RootVolume {
  readonly root_volume_type: string;
  readonly root_volume_size: number;
}

/** Type and zone of a new pool, refused where Scaleway has no such node there. */
export function requireNodeType(cluster: Cluster, nodeType: string, zone: string): string {
  if (!isZone(zone) || regionOfZone(zone) !== cluster.region)
    throw breaksRule("zone", `zone "${zone}" is not in the region ${cluster.region} of cluster "${cluster.name}"`);
  const mistake = nodeTypeMistake(nodeType, zone);
  if (mistake !== undefined) throw breaksRule("node_type", mistake);
  return findServerType(nodeType)?.name ?? nodeType;
}

/** Sizes that contradict each other are refused, and pools that together could outgrow their control plane. */
export function requireSizes(
  cluster: Cluster,
  siblings: readonly Pool[],
  sizes: Pick<Pool, "autoscaling" | "size" | "min_size" | "max_size">,
): void {
  const { autoscaling, size, min_size, max_size } = sizes;
  if (min_size > max_size) throw breaksRule("min_size", `min_size ${min_size} is above max_size ${max_size}`);
  if (autoscaling && (size < min_size || size > max_size))
    throw breaksRule("size", `size ${size} is outside of min_size ${min_size} to max_size ${max_size}`);
  const largest = (pool: Pick<Pool, "autoscaling" | "size" | "max_size">) =>
    pool.autoscaling ? pool.max_size : pool.size;
  const quota = clusterType(cluster.type)?.maxNodes ?? 0;
  const wanted = siblings.reduce((sum, pool) => sum + largest(pool), largest(sizes));
  if (wanted > quota) throw quotaExceeded("cluster_nodes", quota, wanted);
}

/** Root volume of a new pool's nodes: what was asked for, or what the API picks for the node type. */
export function rootVolume(nodeType: string, wantedType: string | undefined, bytes: number | undefined): RootVolume {
  const localDisk = findServerType(nodeType)?.localDisk === true;
  const given = wantedType === undefined || wantedType === "default_volume_type" ? undefined : wantedType;
  const root_volume_type = given ?? (localDisk ? "l_ssd" : "sbs_5k");
  if (!["l_ssd", "b_ssd", "sbs_5k", "sbs_15k"].includes(root_volume_type))
    throw breaksRule("root_volume_type", `"${root_volume_type}" does not exist; use l_ssd, sbs_5k or sbs_15k`);
  if (root_volume_type === "l_ssd" && !localDisk)
    throw breaksRule("root_volume_type", `node type "${nodeType}" has no local disk; use sbs_5k or sbs_15k`);
  if (bytes !== undefined && (bytes < SMALLEST_ROOT_BYTES || bytes > LARGEST_ROOT_BYTES))
    throw breaksRule("root_volume_size", `${bytes} bytes are outside of 20 GB to 10 TB`);
  return { root_volume_type, root_volume_size: bytes ?? SMALLEST_ROOT_BYTES };
}

export function requireUniqueName(siblings: readonly Pool[], name: string): void {
  if (siblings.some((pool) => pool.name === name)) throw breaksRule("name", `the cluster has a pool "${name}" already`);
}
