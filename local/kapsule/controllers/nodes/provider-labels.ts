import type { ApiPool } from "../autoscaler/scaleway-pools";
import type { Node } from "../../../kubernetes/objects";

/** Zone of a providerID such as "scaleway://instance/fr-par-1/<uuid>". */
export function zoneOfProviderId(providerId: string | undefined): string | undefined {
  return /^scaleway:\/\/instance\/([^/]+)\//.exec(providerId ?? "")?.[1];
}

/** Labels that Scaleway's cloud controller gives a node of this pool and that the node lacks; undefined for none. */
export function missingLabels(node: Node, pool: ApiPool, region: string): Record<string, string> | undefined {
  const wanted: Record<string, string> = {
    "topology.kubernetes.io/region": region,
    "topology.kubernetes.io/zone": zoneOfProviderId(node.spec.providerID) ?? pool.zone,
    "node.kubernetes.io/instance-type": pool.node_type,
    "k8s.scaleway.com/pool": pool.id,
    "k8s.scaleway.com/pool-name": pool.name,
  };
  if ((pool.capacity?.["nvidia.com/gpu"] ?? 0) > 0) wanted["k8s.scw.cloud/gpu"] = pool.node_type;
  const present = node.metadata.labels ?? {};
  const missing = Object.entries(wanted).filter(([key]) => !(key in present));
  return missing.length > 0 ? Object.fromEntries(missing) : undefined;
}
