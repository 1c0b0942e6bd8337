import { randomUUID } from "node:crypto";
import { isIP } from "node:net";
import { z } from "zod";
import { type Platform, find, touched } from "../platform";
import { type Route, ok, param, route } from "../server/call";
import { breaksRule } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf, optional } from "../server/validation";
import { type AclRule, clusters as clustersOf } from "./records";

const PATH = "/k8s/v1/regions/{region}/clusters/{id}/acls";

/** Who may reach the API server. Kept and shown; this machine's API servers listen to this machine alone anyway. */
export function aclRoutes(platform: Platform): Route[] {
  const clusters = clustersOf(platform);
  const view = (rule: AclRule) => ({ ...rule, region: "" });
  return [
    route("GET", PATH, "k8s.ListClusterACLRules", (call) => {
      const { acl } = find(call, clusters, "cluster", param(call, "id"));
      return ok(page(call, "rules", acl.map(view)));
    }),
    route("PUT", PATH, "k8s.SetClusterACLRules", (call) => {
      const cluster = find(call, clusters, "cluster", param(call, "id"));
      const { acls } = bodyOf(
        call,
        z.object({
          acls: optional(
            z.array(
              z.object({
                ip: optional(z.string()),
                scaleway_ranges: optional(z.boolean()),
                description: optional(z.string()),
              }),
            ),
          ),
        }),
      );
      const rules = (acls ?? []).map(({ ip, scaleway_ranges, description }): AclRule => {
        if ((ip === undefined) === (scaleway_ranges !== true))
          throw breaksRule("acls", "a rule names either an ip or scaleway_ranges");
        if (ip !== undefined && !isBlock(ip))
          throw breaksRule("acls.ip", `"${ip}" is no address or block of addresses`);
        return {
          id: randomUUID(),
          ...(ip === undefined ? { scaleway_ranges } : { ip }),
          description: description ?? "",
        };
      });
      clusters.put({ ...cluster, acl: rules, ...touched() });
      return ok({ rules: rules.map(view) });
    }),
  ];
}

function isBlock(text: string): boolean {
  const [address = "", prefix, ...rest] = text.split("/");
  const family = isIP(address);
  const length = Number(prefix ?? 0);
  return (
    family !== 0 && rest.length === 0 && Number.isInteger(length) && length >= 0 && length <= (family === 4 ? 32 : 128)
  );
}
