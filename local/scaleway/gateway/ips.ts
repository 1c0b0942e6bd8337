import { randomInt } from "node:crypto";
import { z } from "zod";
import { type Platform, find, newborn, projectFor, touched, visible } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { preconditionFailed } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf, optional, tags, zoneOf } from "../server/validation";
import type { GatewayIp } from "./records";

const BASE = "/vpc-gw/v2/zones/{zone}/ips";

/** Public addresses of gateways; taken from a documentation block, nothing answers there. */
export function gatewayIpRoutes(platform: Platform): Route[] {
  const ips = platform.store.collection<GatewayIp>("gateway-ips");
  const existing = (call: Call): GatewayIp => find(call, ips, "ip", param(call, "id"));

  return [
    route("POST", BASE, "gateway.CreateIP", (call) => {
      const body = bodyOf(call, z.object({ project_id: optional(z.string()), tags }));
      return ok(makeGatewayIp(platform, zoneOf(call), projectFor(call, platform, body.project_id), body.tags ?? []));
    }),
    route("GET", BASE, "gateway.ListIPs", (call) => {
      zoneOf(call);
      return ok(page(call, "ips", visible(call, ips.all())));
    }),
    route("GET", `${BASE}/{id}`, "gateway.GetIP", (call) => ok(existing(call))),
    route("PATCH", `${BASE}/{id}`, "gateway.UpdateIP", (call) => {
      const ip = existing(call);
      const body = bodyOf(call, z.object({ tags, reverse: optional(z.string()) }));
      return ok(ips.put({ ...ip, tags: body.tags ?? ip.tags, reverse: body.reverse ?? ip.reverse, ...touched() }));
    }),
    route("DELETE", `${BASE}/{id}`, "gateway.DeleteIP", (call) => {
      const ip = existing(call);
      if (ip.gateway_id !== null)
        throw preconditionFailed("resource_still_in_use", `address ${ip.address} belongs to gateway ${ip.gateway_id}`);
      ips.delete(ip.id);
      return noContent;
    }),
  ];
}

export function makeGatewayIp(platform: Platform, zone: string, projectId: string, ipTags: string[]): GatewayIp {
  return platform.store.collection<GatewayIp>("gateway-ips").put({
    ...newborn(),
    address: `203.0.113.${randomInt(1, 255)}`,
    reverse: null,
    tags: ipTags,
    gateway_id: null,
    zone,
    organization_id: platform.instance.account.organizationId,
    project_id: projectId,
  });
}
