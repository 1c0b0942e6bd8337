import { randomUUID } from "node:crypto";
import type { ClusterSpec, NodeSpec, NodeType } from "../../../../local/kapsule/runtime";

export const GPU_TAINT = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" } as const;
const CPU: NodeType = { name: "PRO2-XXS", cpus: 2, memoryBytes: 8e9, gpus: 0 };
const GPU: NodeType = { name: "L4-1-24G", cpus: 8, memoryBytes: 48e9, gpus: 1 };

export function clusterSpec(): ClusterSpec {
  return {
    id: randomUUID(),
    name: "test",
    region: "fr-par",
    version: "1.36.4",
    podCidr: "100.64.0.0/15",
    serviceCidr: "10.32.0.0/20",
    serviceDnsIp: "10.32.0.10",
    privateSubnet: "172.16.0.0/22",
    adminToken: randomUUID(),
    apiserverCertSans: ["kubernetes.example.org"],
    featureGates: [],
    admissionPlugins: [],
    autoscaler: {
      scale_down_disabled: false,
      scale_down_delay_after_add: "10s",
      scale_down_unneeded_time: "10s",
      expander: "random",
      estimator: "binpacking",
      ignore_daemonsets_utilization: false,
      balance_similar_node_groups: false,
      expendable_pods_priority_cutoff: -10,
      scale_down_utilization_threshold: 0.5,
      max_graceful_termination_sec: 30,
      skip_nodes_with_local_storage: true,
    },
  };
}

export function nodeSpec(pool: "cpu" | "gpu"): NodeSpec {
  const id = randomUUID();
  return {
    id,
    name: `scw-test-${pool}-${id.slice(0, 8)}`,
    poolId: randomUUID(),
    poolName: pool,
    zone: "fr-par-1",
    nodeType: pool === "gpu" ? GPU : CPU,
    providerId: `scaleway://instance/fr-par-1/${id}`,
    labels: { "k8s.scaleway.com/pool-name": pool, "topology.kubernetes.io/zone": "fr-par-1" },
    taints: pool === "gpu" ? [GPU_TAINT] : [],
    kubeletArgs: {},
  };
}
