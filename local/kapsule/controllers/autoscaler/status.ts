import { stringify } from "yaml";
import { answered, type HttpClient } from "../../../kubernetes/http-client";
import { MERGE_PATCH } from "../../../kubernetes/client";
import type { ClusterView } from "./cluster-view";
import type { ScaleDownPlan } from "./scale-down";
import type { ScaleUpPlan } from "./scale-up";

const NAMESPACE_PATH = "/api/v1/namespaces/kube-system/configmaps";
const NAME = "cluster-autoscaler-status";

/** What the status ConfigMap says, without times: equal content is not written again. */
export function statusContent(view: ClusterView, up: ScaleUpPlan, down: ScaleDownPlan): Record<string, unknown> {
  const groups = view.pools.map(({ pool, held }) => {
    const nodes = view.nodes.filter(({ group }) => group?.pool.id === pool.id);
    const candidates = nodes.filter(({ node }) => down.unneededSince.has(node.metadata.name)).length;
    const growing = up.increases.some((increase) => increase.pool.id === pool.id) || nodes.length < pool.size;
    return {
      name: pool.id,
      poolName: pool.name,
      health: {
        status: nodes.every(({ ready }) => ready) ? "Healthy" : "Unhealthy",
        nodeCounts: { registered: { total: nodes.length, ready: nodes.filter(({ ready }) => ready).length } },
        cloudProviderTarget: pool.size,
        minSize: pool.min_size,
        maxSize: pool.max_size,
      },
      scaleUp: held ? { status: "Backoff", backoffInfo: held } : { status: growing ? "InProgress" : "NoActivity" },
      scaleDown: { status: candidates > 0 ? "CandidatesPresent" : "NoCandidates", candidates },
    };
  });
  return {
    autoscalerStatus: "Running",
    clusterWide: {
      health: {
        status: "Healthy",
        nodeCounts: {
          registered: { total: view.nodes.length, ready: view.nodes.filter(({ ready }) => ready).length },
        },
      },
      scaleUp: { status: groups.some(({ scaleUp }) => scaleUp.status === "InProgress") ? "InProgress" : "NoActivity" },
      scaleDown: {
        status: down.unneededSince.size > 0 ? "CandidatesPresent" : "NoCandidates",
        candidates: down.unneededSince.size,
      },
    },
    nodeGroups: groups,
    unschedulablePods: [...up.refused].map(([{ pod }, reasons]) => ({
      pod: `${pod.metadata.namespace}/${pod.metadata.name}`,
      reasons: [...reasons.keys()],
    })),
    // Seconds would make each scan a new content.
    nodesKept: Object.fromEntries(
      [...down.kept].map(([name, reason]) => [name, reason.replace(/,? \S+ \d+ s .*$/, "")]),
    ),
  };
}

/** Keeps ConfigMap kube-system/cluster-autoscaler-status, where the cluster-autoscaler keeps it too. */
export class StatusWriter {
  private written = "";

  constructor(private readonly client: HttpClient) {}

  async write(content: Record<string, unknown>): Promise<void> {
    const text = JSON.stringify(content);
    if (text === this.written) return;
    const time = new Date().toISOString();
    const body = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {
        name: NAME,
        namespace: "kube-system",
        annotations: { "cluster-autoscaler.kubernetes.io/last-updated": time },
      },
      data: { status: stringify({ time, ...content }) },
    };
    try {
      await this.client.json("PATCH", `${NAMESPACE_PATH}/${NAME}`, body, MERGE_PATCH);
    } catch (error) {
      if (!answered(error, 404)) throw error;
      await this.client.json("POST", NAMESPACE_PATH, body);
    }
    this.written = text;
  }
}
