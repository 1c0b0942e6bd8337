import { parseCidr } from "../vpc/subnets";
import { privateNetworks } from "../vpc/records";
import type { Cluster, Node } from "../kubernetes/records";
import { type Platform, visible } from "../platform";
import { type Route, ok, route } from "../server/call";
import { matching, page } from "../server/pagination";
import { regionOf } from "../server/validation";

/** Addresses in private networks, as far as nodes have them: nothing else of this machine is given one. */
export function ipamRoutes(platform: Platform): Route[] {
  const clusters = platform.store.collection<Cluster>("k8s-clusters");
  const nodes = platform.store.collection<Node>("k8s-nodes");

  const addressOf = (node: Node) => {
    const cluster = clusters.get(node.cluster_id);
    const subnet = privateNetworks(platform).get(cluster?.private_network_id ?? "")?.subnets[0];
    if (!cluster || !subnet || node.private_ip === undefined) return [];
    return {
      id: node.id,
      address: `${node.private_ip}/${parseCidr(subnet.subnet)?.prefix ?? 32}`,
      is_ipv6: false,
      project_id: cluster.project_id,
      source: { subnet_id: subnet.id },
      resource: { type: "instance_private_nic", id: node.id, mac_address: null, name: node.name },
      tags: [],
      reverses: [],
      region: cluster.region,
      zone: null,
      created_at: node.created_at,
      updated_at: node.updated_at,
      private_network_id: subnet.private_network_id,
    };
  };

  return [
    route("GET", "/ipam/v1/regions/{region}/ips", "ipam.ListIPs", (call) => {
      const region = regionOf(call);
      const all = nodes
        .all()
        .flatMap(addressOf)
        .filter((ip) => ip.region === region);
      const seen = visible(
        call,
        all.map((ip) => ({ ...ip, zone: undefined })),
      );
      const found = matching(call, seen, {
        resource_name: (ip) => ip.resource.name,
        resource_id: (ip) => ip.resource.id,
        resource_type: (ip) => ip.resource.type,
        private_network_id: (ip) => ip.private_network_id,
      });
      const ips = found.map(({ private_network_id: _network, ...ip }) => ({ ...ip, zone: null }));
      return ok(page(call, "ips", ips));
    }),
  ];
}
