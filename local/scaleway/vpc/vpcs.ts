import { z } from "zod";
import { type Platform, find, newborn, projectFor, touched, visible } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { preconditionFailed } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, regionOf, resourceName, tags } from "../server/validation";
import { type Vpc, defaultVpc, privateNetworks, vpcs as vpcsOf } from "./records";

const BASE = "/vpc/v2/regions/{region}/vpcs";

/** VPCs. Routing is on for every new one and cannot be switched off, as on Scaleway. */
export function vpcRoutes(platform: Platform): Route[] {
  const vpcs = vpcsOf(platform);
  const members = (vpc: Vpc) => privateNetworks(platform).filter(({ vpc_id }) => vpc_id === vpc.id);
  const view = (vpc: Vpc) => ({ ...vpc, private_network_count: members(vpc).length });
  const existing = (call: Call): Vpc => find(call, vpcs, "vpc", param(call, "id"));

  return [
    route("POST", BASE, "vpc.CreateVPC", (call) => {
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          project_id: optional(z.string()),
          tags,
          enable_transitivity: optional(z.boolean()),
        }),
      );
      const base = newborn();
      const region = regionOf(call);
      return ok(
        view(
          vpcs.put({
            ...base,
            name: body.name ?? `vpc-${base.id.slice(0, 8)}`,
            tags: body.tags ?? [],
            organization_id: platform.instance.account.organizationId,
            project_id: projectFor(call, platform, body.project_id),
            region,
            is_default: false,
            routing_enabled: true,
            custom_routes_propagation_enabled: false,
            transitivity_enabled: body.enable_transitivity ?? false,
          }),
        ),
      );
    }),
    route("GET", BASE, "vpc.ListVPCs", (call) => {
      const region = regionOf(call);
      const { defaultProjectId } = call.principal;
      defaultVpc(platform, call.query.get("project_id") ?? defaultProjectId, region);
      const found = matching(call, visible(call, vpcs.all()), {
        name: (each) => each.name,
        is_default: (each) => String(each.is_default),
      });
      return ok(page(call, "vpcs", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "vpc.GetVPC", (call) => ok(view(existing(call)))),
    route("PATCH", `${BASE}/{id}`, "vpc.UpdateVPC", (call) => {
      const vpc = existing(call);
      const body = bodyOf(call, z.object({ name: optional(resourceName), tags }));
      return ok(view(vpcs.put({ ...vpc, name: body.name ?? vpc.name, tags: body.tags ?? vpc.tags, ...touched() })));
    }),
    route("POST", `${BASE}/{id}/enable-routing`, "vpc.EnableRouting", (call) =>
      ok(view(vpcs.put({ ...existing(call), routing_enabled: true, ...touched() }))),
    ),
    route("POST", `${BASE}/{id}/enable-custom-routes-propagation`, "vpc.EnableCustomRoutesPropagation", (call) =>
      ok(view(vpcs.put({ ...existing(call), custom_routes_propagation_enabled: true, ...touched() }))),
    ),
    route("DELETE", `${BASE}/{id}`, "vpc.DeleteVPC", (call) => {
      const vpc = existing(call);
      if (members(vpc).length > 0)
        throw preconditionFailed(
          "resource_still_in_use",
          `vpc "${vpc.name}" still has private networks; delete them first`,
        );
      if (vpc.is_default) throw preconditionFailed("protected_resource", "the default VPC of a project stays");
      vpcs.delete(vpc.id);
      return noContent;
    }),
  ];
}
