import { z } from "zod";
import { type Platform, find, newborn, projectFor, settled, touched, visible } from "../platform";
import { type Call, type Route, ok, param, route } from "../server/call";
import { breaksRule, preconditionFailed } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf, optional, resourceName, tags, zoneOf } from "../server/validation";
import { makeGatewayIp } from "./ips";
import type { Gateway, GatewayIp, GatewayNetwork } from "./records";

const BASE = "/vpc-gw/v2/zones/{zone}/gateways";
/** Megabits per second by type. */
const BANDWIDTH: Readonly<Record<string, number>> = {
  "VPC-GW-S": 100,
  "VPC-GW-M": 1000,
  "VPC-GW-L": 10_000,
  "VPC-GW-XL": 10_000,
};
const BASTION_PORT = 61000;

/** Public gateways, as descriptions only: nodes of this machine reach the outside as the machine does. */
export function gatewayRoutes(platform: Platform): Route[] {
  const { store } = platform;
  const gateways = store.collection<Gateway>("gateway-gateways");
  const ips = store.collection<GatewayIp>("gateway-ips");
  const networks = store.collection<GatewayNetwork>("gateway-networks");
  const networksOf = (gateway: Gateway) => networks.filter(({ gateway_id }) => gateway_id === gateway.id);
  const view = ({ ip_id, ...gateway }: Gateway) => ({
    ...gateway,
    bandwidth: (BANDWIDTH[gateway.type] ?? 0) * 1_000_000,
    ipv4: ips.get(ip_id) ?? null,
    gateway_networks: networksOf({ ip_id, ...gateway }),
    version: "0.8.0",
    can_upgrade_to: null,
    is_legacy: false,
  });
  const existing = (call: Call): Gateway => find(call, gateways, "gateway", param(call, "id"));
  const typeOf = (type: string): string => {
    if (!(type in BANDWIDTH))
      throw breaksRule(
        "type",
        `gateway type "${type}" does not exist; use one of ${Object.keys(BANDWIDTH).join(", ")}`,
      );
    return type;
  };

  return [
    route("POST", BASE, "gateway.CreateGateway", (call) => {
      const body = bodyOf(
        call,
        z.object({
          project_id: optional(z.string()),
          name: optional(resourceName),
          tags,
          type: z.string(),
          enable_smtp: optional(z.boolean()),
          enable_bastion: optional(z.boolean()),
          bastion_port: optional(z.int().min(1024).max(61000)),
          ip_id: optional(z.string()),
        }),
      );
      const zone = zoneOf(call);
      const project_id = projectFor(call, platform, body.project_id);
      const type = typeOf(body.type);
      const ip = body.ip_id ? find(call, ips, "ip", body.ip_id) : makeGatewayIp(platform, zone, project_id, []);
      const base = newborn();
      const gateway: Gateway = {
        ...base,
        name: body.name ?? `gw-${base.id.slice(0, 8)}`,
        type,
        status: call.stuck ? "allocating" : "running",
        tags: body.tags ?? [],
        ip_id: ip.id,
        bastion_enabled: body.enable_bastion ?? false,
        bastion_port: body.bastion_port ?? BASTION_PORT,
        bastion_allowed_ips: [],
        smtp_enabled: body.enable_smtp ?? false,
        zone,
        organization_id: platform.instance.account.organizationId,
        project_id,
      };
      ips.put({ ...ip, gateway_id: gateway.id, ...touched() });
      gateways.put(gateway);
      return ok({ ...view(gateway), status: "allocating" });
    }),
    route("GET", BASE, "gateway.ListGateways", (call) => {
      zoneOf(call);
      return ok(page(call, "gateways", visible(call, gateways.all()).map(view)));
    }),
    route("GET", `${BASE}/{id}`, "gateway.GetGateway", async (call) => {
      await settled(platform, call, () => gateways.get(param(call, "id"))?.status === "allocating");
      return ok(view(existing(call)));
    }),
    route("PATCH", `${BASE}/{id}`, "gateway.UpdateGateway", (call) => {
      const gateway = existing(call);
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          tags,
          enable_bastion: optional(z.boolean()),
          bastion_port: optional(z.int()),
          enable_smtp: optional(z.boolean()),
        }),
      );
      return ok(
        view(
          gateways.put({
            ...gateway,
            name: body.name ?? gateway.name,
            tags: body.tags ?? gateway.tags,
            bastion_enabled: body.enable_bastion ?? gateway.bastion_enabled,
            bastion_port: body.bastion_port ?? gateway.bastion_port,
            smtp_enabled: body.enable_smtp ?? gateway.smtp_enabled,
            ...touched(),
          }),
        ),
      );
    }),
    route("POST", `${BASE}/{id}/upgrade`, "gateway.UpgradeGateway", (call) => {
      const gateway = existing(call);
      const { type } = bodyOf(call, z.object({ type: optional(z.string()) }));
      return ok(view(gateways.put({ ...gateway, type: typeOf(type ?? gateway.type), ...touched() })));
    }),
    route("POST", `${BASE}/{id}/refresh-ssh-keys`, "gateway.RefreshSSHKeys", (call) => ok(view(existing(call)))),
    route("PUT", `${BASE}/{id}/bastion-allowed-ips`, "gateway.SetBastionAllowedIPs", (call) => {
      const { ip_ranges } = bodyOf(call, z.object({ ip_ranges: optional(z.array(z.string())) }));
      gateways.put({ ...existing(call), bastion_allowed_ips: ip_ranges ?? [], ...touched() });
      return ok({ ip_ranges: ip_ranges ?? [] });
    }),
    route("DELETE", `${BASE}/{id}`, "gateway.DeleteGateway", (call) => {
      const gateway = existing(call);
      if (networksOf(gateway).length > 0)
        throw preconditionFailed("resource_still_in_use", `gateway "${gateway.name}" is attached to a private network`);
      const ip = ips.get(gateway.ip_id);
      if (ip && call.query.get("delete_ip") === "true") ips.delete(ip.id);
      else if (ip) ips.put({ ...ip, gateway_id: null, ...touched() });
      gateways.delete(gateway.id);
      return ok({ ...view(gateway), status: "deleting" });
    }),
  ];
}
