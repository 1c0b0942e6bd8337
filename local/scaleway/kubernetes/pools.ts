import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Platform, find, newborn, settled, touched, visible } from "../platform";
import { type Call, type Route, ok, param, route } from "../server/call";
import { breaksRule, transientState } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, resourceName, tags } from "../server/validation";
import { without } from "../server/without";
import type { Orchestrator } from "./orchestrator";
import {
  requireNodeType,
  requireSizes,
  requireUniqueName,
  rootVolume,
  taintSchema,
  upgradePolicySchema,
} from "./pool-rules";
import { type Cluster, type Pool, clusters as clustersOf, pools as poolsCollection, poolsOf } from "./records";
import { upgradeMistake } from "./versions";

const CLUSTER_POOLS = "/k8s/v1/regions/{region}/clusters/{id}/pools";
const BASE = "/k8s/v1/regions/{region}/pools";

const count = z.int().min(0, "must not be negative");
const stringMap = optional(z.record(z.string(), z.string()));
const taints = optional(z.array(taintSchema));

const createSchema = z.object({
  name: resourceName,
  node_type: z.string(),
  autoscaling: optional(z.boolean()),
  size: count,
  min_size: optional(count),
  max_size: optional(count),
  container_runtime: optional(z.string()),
  autohealing: optional(z.boolean()),
  tags,
  kubelet_args: stringMap,
  zone: optional(z.string()),
  root_volume_type: optional(z.string()),
  root_volume_size: optional(z.int()),
  public_ip_disabled: optional(z.boolean()),
  labels: stringMap,
  taints,
  startup_taints: taints,
  placement_group_id: optional(z.string()),
  security_group_id: optional(z.string()),
  upgrade_policy: upgradePolicySchema,
});

const updateSchema = z.object({
  autoscaling: optional(z.boolean()),
  size: optional(count),
  min_size: optional(count),
  max_size: optional(count),
  autohealing: optional(z.boolean()),
  tags,
  kubelet_args: stringMap,
  security_group_id: optional(z.string()),
  upgrade_policy: upgradePolicySchema,
});

/** Pools: sets of like nodes, each a kubelet of this machine. */
export function poolRoutes(platform: Platform, orchestrator: Orchestrator): Route[] {
  const clusters = clustersOf(platform);
  const pools = poolsCollection(platform);
  const existing = (call: Call): Pool => find(call, pools, "pool", param(call, "pool_id"));
  const clusterOf = (pool: Pool): Cluster => {
    const cluster = clusters.get(pool.cluster_id);
    if (!cluster) throw new Error(`Pool "${pool.name}" belongs to no cluster.`);
    return cluster;
  };
  const change = (call: Call, pool: Pool, fields: Partial<Pool>) => {
    if (pool.status === "deleting") throw transientState("pool", pool.id, pool.status);
    const changed = pools.put({ ...pool, status: "scaling", ...fields, stuck: call.stuck, ...touched() });
    orchestrator.kickPool(pool.id);
    return ok(view(changed));
  };

  return [
    route("GET", CLUSTER_POOLS, "k8s.ListPools", (call) => {
      const cluster = find(call, clusters, "cluster", param(call, "id"));
      const found = matching(call, visible(call, poolsOf(platform, cluster.id)), {
        name: (each) => each.name,
        status: (each) => each.status,
      });
      return ok(page(call, "pools", found.map(view)));
    }),
    route("POST", CLUSTER_POOLS, "k8s.CreatePool", (call) => {
      const cluster = find(call, clusters, "cluster", param(call, "id"));
      if (cluster.status === "deleting") throw transientState("cluster", cluster.id, cluster.status);
      const body = bodyOf(call, createSchema);
      const siblings = poolsOf(platform, cluster.id);
      requireUniqueName(siblings, body.name);
      const zone = body.zone ?? `${cluster.region}-1`;
      const node_type = requireNodeType(cluster, body.node_type, zone);
      const sizes = {
        autoscaling: body.autoscaling ?? false,
        size: body.size,
        min_size: body.min_size ?? Math.min(1, body.size),
        max_size: body.max_size ?? body.size,
      };
      requireSizes(cluster, siblings, sizes);
      const pool = pools.put({
        ...newborn(),
        cluster_id: cluster.id,
        region: cluster.region,
        project_id: cluster.project_id,
        zone,
        name: body.name,
        status: "scaling",
        version: cluster.version,
        node_type,
        ...sizes,
        container_runtime: "containerd",
        autohealing: body.autohealing ?? false,
        tags: body.tags ?? [],
        placement_group_id: body.placement_group_id ?? null,
        kubelet_args: body.kubelet_args ?? {},
        upgrade_policy: {
          max_unavailable: body.upgrade_policy?.max_unavailable ?? 1,
          max_surge: body.upgrade_policy?.max_surge ?? 0,
        },
        ...rootVolume(node_type, body.root_volume_type, body.root_volume_size),
        public_ip_disabled: body.public_ip_disabled ?? false,
        security_group_id: body.security_group_id ?? randomUUID(),
        labels: body.labels ?? {},
        taints: body.taints ?? [],
        startup_taints: body.startup_taints ?? [],
        error_message: null,
        stuck: call.stuck,
      });
      // The first pool sends its cluster back to "creating" until its nodes are there.
      if (cluster.status === "pool_required" && pool.size > 0)
        clusters.patch(cluster.id, { status: "creating", ...touched() });
      orchestrator.kickPool(pool.id);
      return ok(view(pool));
    }),
    route("GET", `${BASE}/{pool_id}`, "k8s.GetPool", async (call) => {
      await settled(platform, call, () => isTransient(pools.get(param(call, "pool_id"))));
      return ok(view(existing(call)));
    }),
    route("PATCH", `${BASE}/{pool_id}`, "k8s.UpdatePool", (call) => {
      const pool = existing(call);
      const body = bodyOf(call, updateSchema);
      const sizes = {
        autoscaling: body.autoscaling ?? pool.autoscaling,
        size: body.size ?? pool.size,
        min_size: body.min_size ?? pool.min_size,
        max_size: body.max_size ?? pool.max_size,
      };
      const siblings = poolsOf(platform, pool.cluster_id).filter(({ id }) => id !== pool.id);
      requireSizes(clusterOf(pool), siblings, sizes);
      return change(call, pool, {
        ...sizes,
        autohealing: body.autohealing ?? pool.autohealing,
        tags: body.tags ?? pool.tags,
        kubelet_args: body.kubelet_args ?? pool.kubelet_args,
        security_group_id: body.security_group_id ?? pool.security_group_id,
        upgrade_policy: {
          max_unavailable: body.upgrade_policy?.max_unavailable ?? pool.upgrade_policy.max_unavailable,
          max_surge: body.upgrade_policy?.max_surge ?? pool.upgrade_policy.max_surge,
        },
      });
    }),
    route("PUT", `${BASE}/{pool_id}/set-labels`, "k8s.SetPoolLabels", (call) =>
      change(call, existing(call), { labels: bodyOf(call, z.object({ labels: stringMap })).labels ?? {} }),
    ),
    route("PUT", `${BASE}/{pool_id}/set-taints`, "k8s.SetPoolTaints", (call) =>
      change(call, existing(call), { taints: bodyOf(call, z.object({ taints })).taints ?? [] }),
    ),
    route("PUT", `${BASE}/{pool_id}/set-startup-taints`, "k8s.SetPoolStartupTaints", (call) =>
      change(call, existing(call), {
        startup_taints: bodyOf(call, z.object({ startup_taints: taints })).startup_taints ?? [],
      }),
    ),
    route("POST", `${BASE}/{pool_id}/upgrade`, "k8s.UpgradePool", (call) => {
      const pool = existing(call);
      const { version } = bodyOf(call, z.object({ version: z.string() }));
      const { version: ofCluster } = clusterOf(pool);
      const mistake = upgradeMistake(pool.version, version);
      if (mistake !== undefined) throw breaksRule("version", mistake);
      if (upgradeMistake(version, ofCluster) !== undefined)
        throw breaksRule("version", `a pool cannot be ahead of its cluster, which has ${ofCluster}`);
      return change(call, pool, { version, status: "upgrading" });
    }),
    route("DELETE", `${BASE}/{pool_id}`, "k8s.DeletePool", (call) => {
      const pool = existing(call);
      const deleting = pools.put({ ...pool, status: "deleting", stuck: call.stuck, ...touched() });
      orchestrator.kickPool(pool.id);
      return ok(view(deleting));
    }),
  ];
}

const isTransient = (pool: Pool | undefined): boolean =>
  pool?.status === "scaling" || pool?.status === "upgrading" || pool?.status === "deleting";

/** As the API shows a pool: node types are lower case with underscores there. */
export function view(pool: Pool): Record<string, unknown> {
  return { ...without(pool, "project_id", "stuck"), node_type: pool.node_type.toLowerCase().replaceAll("-", "_") };
}
