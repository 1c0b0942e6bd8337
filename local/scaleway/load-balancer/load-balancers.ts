import { randomInt, randomUUID } from "node:crypto";
import { z } from "zod";
import { type Platform, type Timestamps, newborn, projectFor, requireRights, touched, visible } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { ApiError } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, resourceName, tags, zoneOf } from "../server/validation";

export interface LoadBalancerIp extends Timestamps {
  readonly id: string;
  readonly ip_address: string;
  readonly lb_id: string | null;
  readonly reverse: string;
  readonly tags: string[];
  readonly zone: string;
  readonly organization_id: string;
  readonly project_id: string;
}

export interface LoadBalancer extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly type: string;
  readonly tags: string[];
  readonly ip_ids: string[];
  readonly private_networks: { private_network_id: string; ipam_ids: string[] }[];
  readonly ssl_compatibility_level: string;
  readonly zone: string;
  readonly organization_id: string;
  readonly project_id: string;
}

const IPS = "/lb/v1/zones/{zone}/ips";
const LBS = "/lb/v1/zones/{zone}/lbs";

/**
 * Load balancers and their addresses, as descriptions: what forwards traffic is the cluster's own service proxy. Clusters
 * register theirs here under names that start with the cluster's id, so that deleting the cluster can delete them.
 */
export function loadBalancerRoutes(platform: Platform): Route[] {
  const lbs = platform.store.collection<LoadBalancer>("lb-lbs");
  const ips = platform.store.collection<LoadBalancerIp>("lb-ips");
  const { organizationId } = platform.instance.account;

  const view = (lb: LoadBalancer) => ({
    ...lb,
    status: "ready",
    ip: lb.ip_ids.flatMap((id) => ips.get(id) ?? []),
    instances: [
      {
        id: lb.id,
        status: "ready",
        ip_address: "",
        zone: lb.zone,
        created_at: lb.created_at,
        updated_at: lb.updated_at,
        region: "",
      },
    ],
    frontend_count: 0,
    backend_count: 0,
    private_network_count: lb.private_networks.length,
    route_count: 0,
    subscriber: null,
    region: "",
  });
  const existingLb = (call: Call): LoadBalancer => {
    const found = lbs.get(param(call, "id"));
    if (!found) throw new ApiError(404, { message: "lbs not Found" });
    requireRights(call, found.project_id);
    return found;
  };
  const existingIp = (call: Call): LoadBalancerIp => {
    const found = ips.get(param(call, "id"));
    if (!found) throw new ApiError(404, { message: "ips not Found" });
    requireRights(call, found.project_id);
    return found;
  };
  const makeIp = (zone: string, project_id: string, ipTags: string[]): LoadBalancerIp =>
    ips.put({
      ...newborn(),
      ip_address: `198.51.100.${randomInt(1, 255)}`,
      lb_id: null,
      reverse: "",
      tags: ipTags,
      zone,
      organization_id: organizationId,
      project_id,
    });

  return [
    route("POST", IPS, "lb.CreateIP", (call) => {
      const body = bodyOf(call, z.object({ project_id: optional(z.string()), tags }));
      return ok(makeIp(zoneOf(call), projectFor(call, platform, body.project_id), body.tags ?? []));
    }),
    route("GET", IPS, "lb.ListIPs", (call) => ok(page(call, "ips", visible(call, ips.all())))),
    route("GET", `${IPS}/{id}`, "lb.GetIP", (call) => ok(existingIp(call))),
    route("PATCH", `${IPS}/{id}`, "lb.UpdateIP", (call) => {
      const ip = existingIp(call);
      const body = bodyOf(call, z.object({ reverse: optional(z.string()), tags }));
      return ok(ips.put({ ...ip, reverse: body.reverse ?? ip.reverse, tags: body.tags ?? ip.tags, ...touched() }));
    }),
    route("DELETE", `${IPS}/{id}`, "lb.DeleteIP", (call) => {
      ips.delete(existingIp(call).id);
      return noContent;
    }),
    route("POST", LBS, "lb.CreateLB", (call) => {
      const body = bodyOf(
        call,
        z.object({
          project_id: optional(z.string()),
          name: optional(resourceName),
          description: optional(z.string()),
          ip_id: optional(z.string()),
          ip_ids: optional(z.array(z.string())),
          tags,
          type: z.string(),
          ssl_compatibility_level: optional(z.string()),
          assign_flexible_ip: optional(z.boolean()),
        }),
      );
      const zone = zoneOf(call);
      const project_id = projectFor(call, platform, body.project_id);
      const given = body.ip_ids ?? (body.ip_id ? [body.ip_id] : []);
      const id = randomUUID();
      const made = given.length === 0 && body.assign_flexible_ip !== false ? [makeIp(zone, project_id, []).id] : [];
      const ip_ids = [...given, ...made];
      for (const ip of ip_ids) ips.patch(ip, { lb_id: id, ...touched() });
      const lb = lbs.put({
        ...newborn(),
        id,
        name: body.name ?? `lb-${id.slice(0, 8)}`,
        description: body.description ?? "",
        type: body.type.toLowerCase(),
        tags: body.tags ?? [],
        ip_ids,
        private_networks: [],
        ssl_compatibility_level: body.ssl_compatibility_level ?? "ssl_compatibility_level_intermediate",
        zone,
        organization_id: organizationId,
        project_id,
      });
      return ok({ ...view(lb), status: "to_create" });
    }),
    route("GET", LBS, "lb.ListLBs", (call) => {
      const found = matching(call, visible(call, lbs.all()), { name: (each) => each.name });
      return ok(page(call, "lbs", found.map(view)));
    }),
    route("GET", `${LBS}/{id}`, "lb.GetLB", (call) => ok(view(existingLb(call)))),
    route("PUT", `${LBS}/{id}`, "lb.UpdateLB", (call) => {
      const lb = existingLb(call);
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          description: optional(z.string()),
          tags,
          ssl_compatibility_level: optional(z.string()),
        }),
      );
      return ok(
        view(
          lbs.put({
            ...lb,
            name: body.name ?? lb.name,
            description: body.description ?? lb.description,
            tags: body.tags ?? lb.tags,
            ssl_compatibility_level: body.ssl_compatibility_level ?? lb.ssl_compatibility_level,
            ...touched(),
          }),
        ),
      );
    }),
    route("GET", `${LBS}/{id}/private-networks`, "lb.ListLBPrivateNetworks", (call) => {
      const lb = existingLb(call);
      const attached = lb.private_networks.map((each) => ({ ...each, lb: view(lb), status: "ready" }));
      return ok(page(call, "private_network", attached));
    }),
    route("POST", `${LBS}/{id}/attach-private-network`, "lb.AttachPrivateNetwork", (call) => {
      const lb = existingLb(call);
      const { private_network_id, ipam_ids } = bodyOf(
        call,
        z.object({ private_network_id: z.string(), ipam_ids: optional(z.array(z.string())) }),
      );
      const attached = { private_network_id, ipam_ids: ipam_ids ?? [] };
      lbs.put({ ...lb, private_networks: [...lb.private_networks, attached], ...touched() });
      return ok({ ...attached, lb: view(lb), status: "ready", ...touched() });
    }),
    route("DELETE", `${LBS}/{id}`, "lb.DeleteLB", (call) => {
      removeLoadBalancer(platform, existingLb(call), call.query.get("release_ip") === "true");
      return noContent;
    }),
  ];
}

export function removeLoadBalancer({ store }: Platform, lb: LoadBalancer, releaseIps: boolean): void {
  const ips = store.collection<LoadBalancerIp>("lb-ips");
  for (const id of lb.ip_ids) {
    if (releaseIps) ips.delete(id);
    else ips.patch(id, { lb_id: null, ...touched() });
  }
  store.collection<LoadBalancer>("lb-lbs").delete(lb.id);
}
