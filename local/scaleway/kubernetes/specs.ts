import type { ClusterSpec, NodeSpec, NodeType } from "../../kapsule/runtime";
import { findServerType } from "../instance/node-types";
import type { Platform } from "../platform";
import { without } from "../server/without";
import { privateNetworks } from "../vpc/records";
import type { Cluster, Node, Pool } from "./records";

/** A cluster as the machine is told of it. */
export function clusterSpec(platform: Platform, cluster: Cluster): ClusterSpec {
  const network = privateNetworks(platform).get(cluster.private_network_id);
  const subnet = network?.subnets[0]?.subnet;
  if (subnet === undefined)
    throw new Error(`Cluster "${cluster.name}" has lost its private network ${cluster.private_network_id}.`);
  return {
    id: cluster.id,
    name: cluster.name,
    region: cluster.region,
    version: cluster.version,
    podCidr: cluster.pod_cidr,
    serviceCidr: cluster.service_cidr,
    serviceDnsIp: cluster.service_dns_ip,
    privateSubnet: subnet,
    adminToken: cluster.admin_token,
    apiserverCertSans: cluster.apiserver_cert_sans,
    featureGates: cluster.feature_gates,
    admissionPlugins: cluster.admission_plugins,
    autoscaler: without(cluster.autoscaler_config, "log_level"),
  };
}

export function nodeSpec(cluster: Cluster, pool: Pool, node: Node): NodeSpec {
  return {
    id: node.id,
    name: node.name,
    poolId: pool.id,
    poolName: pool.name,
    zone: pool.zone,
    nodeType: nodeTypeOf(pool),
    providerId: node.provider_id,
    labels: nodeLabels(cluster, pool),
    taints: [...pool.taints, ...pool.startup_taints],
    kubeletArgs: pool.kubelet_args,
  };
}

export function nodeTypeOf(pool: Pool): NodeType {
  const type = findServerType(pool.node_type);
  if (!type) throw new Error(`Pool "${pool.name}" has the node type "${pool.node_type}", which no longer exists.`);
  const { name, cpus, memoryBytes, gpus } = type;
  return { name, cpus, memoryBytes, gpus };
}

/** The labels of a pool's nodes: those of the pool, and what Scaleway and Kubernetes put on every node. */
export function nodeLabels(cluster: Cluster, pool: Pool): Record<string, string> {
  const gpu: Record<string, string> = nodeTypeOf(pool).gpus > 0 ? { "k8s.scw.cloud/gpu": "true" } : {};
  return {
    "k8s.scaleway.com/kapsule": cluster.id,
    "k8s.scaleway.com/managed": "true",
    "k8s.scaleway.com/pool": pool.id,
    "k8s.scaleway.com/pool-name": pool.name,
    "node.kubernetes.io/instance-type": pool.node_type,
    "topology.kubernetes.io/region": cluster.region,
    "topology.kubernetes.io/zone": pool.zone,
    "topology.csi.scaleway.com/zone": pool.zone,
    ...gpu,
    ...pool.labels,
  };
}
