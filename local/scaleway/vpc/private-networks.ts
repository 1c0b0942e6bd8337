import { z } from "zod";
import type { Cluster } from "../kubernetes/records";
import type { GatewayNetwork } from "../gateway/records";
import { type Platform, find, projectFor, touched, visible } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { breaksRule, preconditionFailed } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, regionOf, resourceName, tags } from "../server/validation";
import { type PrivateNetwork, defaultVpc, makePrivateNetwork, privateNetworks, vpcs } from "./records";
import { subnetMistake } from "./subnets";

const BASE = "/vpc/v2/regions/{region}/private-networks";

/** Private networks: each gets one IPv4 and one IPv6 subnet, and stays while a cluster or gateway uses it. */
export function privateNetworkRoutes(platform: Platform): Route[] {
  const networks = privateNetworks(platform);
  const view = (network: PrivateNetwork) => ({ ...network, dhcp_enabled: true });
  const existing = (call: Call): PrivateNetwork => find(call, networks, "private_network", param(call, "id"));

  return [
    route("POST", BASE, "vpc.CreatePrivateNetwork", (call) => {
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          project_id: optional(z.string()),
          tags,
          subnets: optional(z.array(z.string())),
          vpc_id: optional(z.string()),
          default_route_propagation_enabled: optional(z.boolean()),
        }),
      );
      const region = regionOf(call);
      const projectId = projectFor(call, platform, body.project_id);
      const vpc = body.vpc_id
        ? find(call, vpcs(platform), "vpc", body.vpc_id)
        : defaultVpc(platform, projectId, region);
      const subnet = body.subnets?.find((each) => !each.includes(":"));
      const siblings = networks.filter(({ vpc_id }) => vpc_id === vpc.id);
      const taken = siblings.flatMap(({ subnets }) => subnets.map((each) => each.subnet));
      const mistake = subnet === undefined ? undefined : subnetMistake(subnet, taken);
      if (mistake !== undefined) throw breaksRule("subnets", mistake);
      return ok(
        view(
          makePrivateNetwork(platform, {
            name: body.name ?? "private-network",
            projectId,
            vpc,
            tags: body.tags,
            subnet,
            defaultRoute: body.default_route_propagation_enabled,
          }),
        ),
      );
    }),
    route("GET", BASE, "vpc.ListPrivateNetworks", (call) => {
      regionOf(call);
      const found = matching(call, visible(call, networks.all()), {
        name: (each) => each.name,
        vpc_id: (each) => each.vpc_id,
      });
      return ok(page(call, "private_networks", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "vpc.GetPrivateNetwork", (call) => ok(view(existing(call)))),
    route("PATCH", `${BASE}/{id}`, "vpc.UpdatePrivateNetwork", (call) => {
      const network = existing(call);
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          tags,
          default_route_propagation_enabled: optional(z.boolean()),
        }),
      );
      return ok(
        view(
          networks.put({
            ...network,
            name: body.name ?? network.name,
            tags: body.tags ?? network.tags,
            default_route_propagation_enabled:
              body.default_route_propagation_enabled ?? network.default_route_propagation_enabled,
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "vpc.DeletePrivateNetwork", (call) => {
      const network = existing(call);
      const user = userOf(platform, network.id);
      if (user !== undefined)
        throw preconditionFailed("resource_still_in_use", `private network "${network.name}" is used by ${user}`);
      networks.delete(network.id);
      return noContent;
    }),
  ];
}

/** What keeps a private network from being deleted; undefined where nothing does. */
export function userOf({ store }: Platform, privateNetworkId: string): string | undefined {
  const cluster = store
    .collection<Cluster>("k8s-clusters")
    .all()
    .find(({ private_network_id }) => private_network_id === privateNetworkId);
  if (cluster) return `cluster "${cluster.name}"`;
  const gateway = store
    .collection<GatewayNetwork>("gateway-networks")
    .all()
    .find(({ private_network_id }) => private_network_id === privateNetworkId);
  return gateway && `gateway ${gateway.gateway_id}`;
}
