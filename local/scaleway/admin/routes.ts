import { resourcesOf } from "../account/contents";
import { type Cluster, type Pool, clusters, pools } from "../kubernetes/records";
import type { Orchestrator } from "../kubernetes/orchestrator";
import type { Platform } from "../platform";
import { type Call, type Route, noContent, ok, route } from "../server/call";
import { permissionsDenied } from "../server/errors";
import type { EventLog } from "../server/events";
import { type Faults, faultSchema } from "../server/faults";
import { bodyOf } from "../server/validation";

export interface AdminParts {
  readonly platform: Platform;
  readonly faults: Faults;
  readonly events: EventLog;
  readonly orchestrator: Orchestrator;
}

/**
 * What Scaleway does not have: health, the log of calls, faults on request, the list of everything that exists, and what
 * keeps clusters from starting.
 */
export function adminRoutes({ platform, faults, events, orchestrator }: AdminParts): Route[] {
  const requireOwner = (call: Call): void => {
    if (call.principal.label !== "owner") throw permissionsDenied("_local", "admin");
  };
  return [
    route("GET", "/_local/health", "_local.Health", () => ok({ status: "ready", instance: platform.instance.id })),
    route("GET", "/_local/events", "_local.ListEvents", (call) => {
      requireOwner(call);
      const number = (name: string) => (call.query.has(name) ? Number(call.query.get(name)) : undefined);
      const operation = call.query.get("operation") ?? undefined;
      return ok({ events: events.query({ operation, after: number("after"), limit: number("limit") }) });
    }),
    route("GET", "/_local/resources", "_local.ListResources", (call) => {
      requireOwner(call);
      const resources = resourcesOf(platform.store);
      return ok({ resources, total_count: resources.length });
    }),
    route("GET", "/_local/troubles", "_local.ListTroubles", (call) => {
      requireOwner(call);
      const troubles = clusters(platform).all();
      return ok({
        troubles: troubles.flatMap(({ name, trouble }) => (trouble === undefined ? [] : [{ name, trouble }])),
      });
    }),
    route("GET", "/_local/faults", "_local.ListFaults", (call) => {
      requireOwner(call);
      return ok({ faults: faults.list() });
    }),
    route("POST", "/_local/faults", "_local.InjectFault", (call) => {
      requireOwner(call);
      return ok(faults.inject(bodyOf(call, faultSchema)));
    }),
    route("DELETE", "/_local/faults", "_local.ClearFaults", (call) => {
      requireOwner(call);
      faults.clear();
      releaseStuck(platform, orchestrator);
      return noContent;
    }),
  ];
}

/** What a fault held in its transient state goes on. */
function releaseStuck(platform: Platform, orchestrator: Orchestrator): void {
  for (const { id } of clusters(platform).filter((cluster: Cluster) => cluster.stuck === true)) {
    clusters(platform).patch(id, { stuck: false });
    orchestrator.kickCluster(id);
  }
  for (const { id } of pools(platform).filter((pool: Pool) => pool.stuck === true)) {
    pools(platform).patch(id, { stuck: false });
    orchestrator.kickPool(id);
  }
  for (const release of [
    { collection: "block-volumes", from: "creating", to: "available" },
    { collection: "gateway-gateways", from: "allocating", to: "running" },
    { collection: "registry-namespaces", from: "deleting", to: "ready" },
  ]) {
    const records = platform.store.collection<{ id: string; status: string }>(release.collection);
    for (const { id } of records.filter(({ status }) => status === release.from))
      records.patch(id, { status: release.to });
  }
}
