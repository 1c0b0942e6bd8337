import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type Platform, find, newborn, touched, visible } from "../platform";
import { type Call, type Route, ok, param, route } from "../server/call";
import { breaksRule } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, regionOfZone, zoneOf } from "../server/validation";
import { privateNetworks } from "../vpc/records";
import type { Gateway, GatewayNetwork } from "./records";

const BASE = "/vpc-gw/v2/zones/{zone}/gateway-networks";

/** The attachment of a gateway to a private network of its region. */
export function gatewayNetworkRoutes(platform: Platform): Route[] {
  const networks = platform.store.collection<GatewayNetwork>("gateway-networks");
  const gateways = platform.store.collection<Gateway>("gateway-gateways");
  const existing = (call: Call): GatewayNetwork => find(call, networks, "gateway_network", param(call, "id"));

  return [
    route("POST", BASE, "gateway.CreateGatewayNetwork", (call) => {
      const body = bodyOf(
        call,
        z.object({
          gateway_id: z.string(),
          private_network_id: z.string(),
          enable_masquerade: optional(z.boolean()),
          push_default_route: optional(z.boolean()),
          ipam_ip_id: optional(z.string()),
        }),
      );
      const zone = zoneOf(call);
      const gateway = find(call, gateways, "gateway", body.gateway_id);
      const network = find(call, privateNetworks(platform), "private_network", body.private_network_id);
      if (network.region !== regionOfZone(zone))
        throw breaksRule(
          "private_network_id",
          `private network "${network.name}" is in ${network.region}, not in ${zone}`,
        );
      const base = newborn();
      const attached = networks.put({
        ...base,
        gateway_id: gateway.id,
        private_network_id: network.id,
        mac_address: `02:00:00:${base.id.slice(0, 2)}:${base.id.slice(2, 4)}:${base.id.slice(4, 6)}`,
        masquerade_enabled: body.enable_masquerade ?? true,
        push_default_route: body.push_default_route ?? false,
        ipam_ip_id: body.ipam_ip_id ?? randomUUID(),
        status: "ready",
        zone,
        project_id: gateway.project_id,
      });
      return ok({ ...attached, status: "created" });
    }),
    route("GET", BASE, "gateway.ListGatewayNetworks", (call) => {
      const found = matching(call, visible(call, networks.all()), { gateway_id: (each) => each.gateway_id });
      return ok(page(call, "gateway_networks", found));
    }),
    route("GET", `${BASE}/{id}`, "gateway.GetGatewayNetwork", (call) => ok(existing(call))),
    route("PATCH", `${BASE}/{id}`, "gateway.UpdateGatewayNetwork", (call) => {
      const network = existing(call);
      const body = bodyOf(
        call,
        z.object({ enable_masquerade: optional(z.boolean()), push_default_route: optional(z.boolean()) }),
      );
      return ok(
        networks.put({
          ...network,
          masquerade_enabled: body.enable_masquerade ?? network.masquerade_enabled,
          push_default_route: body.push_default_route ?? network.push_default_route,
          ...touched(),
        }),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "gateway.DeleteGatewayNetwork", (call) => {
      const network = existing(call);
      networks.delete(network.id);
      return ok({ ...network, status: "detaching" });
    }),
  ];
}
