import type { Volume } from "../block/volumes";
import { type LoadBalancer, removeLoadBalancer } from "../load-balancer/load-balancers";
import type { Platform } from "../platform";
import { userOf } from "../vpc/private-networks";
import { privateNetworks } from "../vpc/records";
import type { Cluster } from "./records";

/**
 * What goes with a cluster that is deleted with its additional resources: volumes and load balancers that were made from
 * inside it, which carry its id in a tag or at the start of their name, and its private network once that is empty.
 */
export function deleteAdditionalResources(platform: Platform, cluster: Cluster): void {
  const { store } = platform;
  const ofCluster = ({ name, tags }: { name: string; tags: readonly string[] }) =>
    name.startsWith(cluster.id) || tags.some((tag) => tag.includes(cluster.id));
  const volumes = store.collection<Volume>("block-volumes");
  for (const volume of volumes.filter(ofCluster)) volumes.delete(volume.id);
  for (const lb of store.collection<LoadBalancer>("lb-lbs").filter(ofCluster)) removeLoadBalancer(platform, lb, true);
  const network = privateNetworks(platform).get(cluster.private_network_id);
  if (network && userOf(platform, network.id) === undefined) privateNetworks(platform).delete(network.id);
}
