import { z } from "zod";
import type { KapsuleRuntime } from "../../kapsule/runtime";
import { findServerType } from "../instance/node-types";
import { type Platform, find, touched } from "../platform";
import { type Route, ok, param, route } from "../server/call";
import { breaksRule, transientState } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf } from "../server/validation";
import { removeNode } from "./nodes";
import type { Orchestrator } from "./orchestrator";
import {
  type Cluster,
  type Node,
  type Pool,
  clusters as clustersOf,
  nodes as nodesOf,
  pools as poolsCollection,
  poolsOf,
} from "./records";
import { nodeLabels, nodeTypeOf } from "./specs";

const BASE = "/k8s/v1/regions/{region}/autoscaler";
/** How long the autoscaler may keep a listing, in seconds. */
const REFRESH = { "Cache-Control": "max-age=1" };

/** The API by which the cluster autoscaler sees pools as templates of nodes, and asks for more or fewer. */
export function autoscalerRoutes(platform: Platform, runtime: KapsuleRuntime, orchestrator: Orchestrator): Route[] {
  const clusters = clustersOf(platform);
  const pools = poolsCollection(platform);
  const nodes = nodesOf(platform);

  const poolView = (cluster: Cluster, pool: Pool) => {
    // What one node of this machine offers, not what the rented type would: the autoscaler must not promise more.
    const capacity = runtime.nodeCapacity(nodeTypeOf(pool));
    return {
      id: pool.id,
      cluster_id: pool.cluster_id,
      name: pool.name,
      status: pool.status,
      version: pool.version,
      node_type: pool.node_type,
      autoscaling: pool.autoscaling,
      size: pool.size,
      min_size: pool.min_size,
      max_size: pool.max_size,
      zone: pool.zone,
      node_price_per_hour: findServerType(pool.node_type)?.hourlyPrice ?? 0,
      capacity,
      allocatable: capacity,
      labels: nodeLabels(cluster, pool),
      taints: Object.fromEntries(pool.taints.map(({ key, value, effect }) => [key, `${value}:${effect}`])),
    };
  };

  return [
    route("GET", `${BASE}/clusters/{id}/pools`, "k8s.ListAutoscalerPools", (call) => {
      const cluster = find(call, clusters, "cluster", param(call, "id"));
      const own = poolsOf(platform, cluster.id).filter(({ status }) => status !== "deleting");
      return ok(
        page(
          call,
          "pools",
          own.map((pool) => poolView(cluster, pool)),
        ),
        REFRESH,
      );
    }),
    route("GET", `${BASE}/clusters/{id}/nodes`, "k8s.ListAutoscalerNodes", (call) => {
      const { id } = find(call, clusters, "cluster", param(call, "id"));
      return ok(page(call, "nodes", nodes.filter(({ cluster_id }) => cluster_id === id).map(nodeView)), REFRESH);
    }),
    route("PATCH", `${BASE}/pools/{pool_id}`, "k8s.ResizeAutoscalerPool", (call) => {
      const pool = find(call, pools, "pool", param(call, "pool_id"));
      const { size } = bodyOf(call, z.object({ size: z.int() }));
      if (pool.status === "deleting") throw transientState("pool", pool.id, pool.status);
      if (size < pool.min_size || size > pool.max_size)
        throw breaksRule("size", `size ${size} is outside of min_size ${pool.min_size} to max_size ${pool.max_size}`);
      const cluster = find(call, clusters, "cluster", pool.cluster_id);
      const resized = pools.put({ ...pool, size, status: "scaling", stuck: call.stuck, ...touched() });
      orchestrator.kickPool(pool.id);
      return ok(poolView(cluster, resized));
    }),
    route("DELETE", `${BASE}/nodes/{node_id}`, "k8s.DeleteAutoscalerNode", (call) => {
      const node = find(call, nodes, "node", param(call, "node_id"));
      return ok(nodeView(removeNode(platform, orchestrator, node)));
    }),
  ];
}

const nodeView = ({ id, pool_id, cluster_id, provider_id, name, status, created_at, updated_at }: Node) => ({
  id,
  pool_id,
  cluster_id,
  provider_id,
  name,
  status,
  created_at,
  updated_at,
});
