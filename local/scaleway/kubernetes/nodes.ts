import type { KapsuleRuntime, NodeConditions } from "../../kapsule/runtime";
import { type Platform, find, touched, visible } from "../platform";
import { type Route, ok, param, route } from "../server/call";
import { transientState } from "../server/errors";
import { matching, page } from "../server/pagination";
import { without } from "../server/without";
import type { Orchestrator } from "./orchestrator";
import { type Node, clusters as clustersOf, nodes as nodesOf, pools } from "./records";

const BASE = "/k8s/v1/regions/{region}";

/** Nodes of clusters, with the conditions that Kubernetes reports. */
export function nodeRoutes(platform: Platform, runtime: KapsuleRuntime, orchestrator: Orchestrator): Route[] {
  const clusters = clustersOf(platform);
  const nodes = nodesOf(platform);
  const conditionsOf = async (clusterId: string): Promise<ReadonlyMap<string, NodeConditions>> => {
    if (!clusters.get(clusterId)?.access) return new Map();
    // The listing of nodes answers while an API server is down, as it does on Scaleway.
    return runtime.nodeConditions(clusterId).catch(() => new Map<string, NodeConditions>());
  };

  return [
    route("GET", `${BASE}/clusters/{id}/nodes`, "k8s.ListNodes", async (call) => {
      const { id } = find(call, clusters, "cluster", param(call, "id"));
      const found = matching(
        call,
        visible(
          call,
          nodes.filter(({ cluster_id }) => cluster_id === id),
        ),
        {
          pool_id: (each) => each.pool_id,
          name: (each) => each.name,
          status: (each) => each.status,
        },
      );
      const conditions = await conditionsOf(id);
      return ok(
        page(
          call,
          "nodes",
          found.map((node) => view(node, conditions)),
        ),
      );
    }),
    route("GET", `${BASE}/nodes/{node_id}`, "k8s.GetNode", async (call) => {
      const node = find(call, nodes, "node", param(call, "node_id"));
      return ok(view(node, await conditionsOf(node.cluster_id)));
    }),
    route("DELETE", `${BASE}/nodes/{node_id}`, "k8s.DeleteNode", (call) => {
      const node = removeNode(platform, orchestrator, find(call, nodes, "node", param(call, "node_id")));
      return ok(view(node, new Map()));
    }),
  ];
}

/** Takes one node out of its pool, which is one smaller from then on. */
export function removeNode(platform: Platform, orchestrator: Orchestrator, node: Node): Node {
  const pool = pools(platform).get(node.pool_id);
  if (node.status === "deleting") return node;
  if (pool?.status === "deleting") throw transientState("pool", pool.id, pool.status);
  const deleting = nodesOf(platform).put({ ...node, status: "deleting", ...touched() });
  if (pool) pools(platform).put({ ...pool, size: Math.max(0, pool.size - 1), status: "scaling", ...touched() });
  orchestrator.kickPool(node.pool_id);
  return deleting;
}

function view(node: Node, conditions: ReadonlyMap<string, NodeConditions>) {
  return {
    ...without(node, "private_ip", "applied", "project_id"),
    conditions: conditions.get(node.name) ?? { Creating: "True", Ready: "False" },
    public_ip_v4: "",
    public_ip_v6: null,
  };
}
