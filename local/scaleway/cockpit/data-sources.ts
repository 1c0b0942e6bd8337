import { z } from "zod";
import { type Platform, type Timestamps, find, newborn, projectFor, touched, visible } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { page } from "../server/pagination";
import { bodyOf, optional, regionOf, resourceName } from "../server/validation";

interface DataSource extends Timestamps {
  readonly id: string;
  readonly project_id: string;
  readonly region: string;
  readonly name: string;
  readonly type: "metrics" | "logs" | "traces";
  readonly retention_days: number;
}

const BASE = "/cockpit/v1/regions/{region}/data-sources";
const retention = z.int().min(1, "must be at least 1 day").max(365, "must be at most 365 days");
const DEFAULT_RETENTION_DAYS = { metrics: 31, logs: 7, traces: 7 } as const;

/** Places that metrics, logs and traces would be kept in; only their description exists here. */
export function dataSourceRoutes(platform: Platform): Route[] {
  const sources = platform.store.collection<DataSource>("cockpit-data-sources");
  const existing = (call: Call): DataSource => find(call, sources, "data source", param(call, "id"));

  return [
    route("POST", BASE, "cockpit.CreateDataSource", (call) => {
      const body = bodyOf(
        call,
        z.object({
          project_id: optional(z.string()),
          name: resourceName,
          type: z.enum(["metrics", "logs", "traces"]),
          retention_days: optional(retention),
        }),
      );
      const region = regionOf(call);
      return ok(
        view(
          sources.put({
            ...newborn(),
            project_id: projectFor(call, platform, body.project_id),
            region,
            name: body.name,
            type: body.type,
            retention_days: body.retention_days ?? DEFAULT_RETENTION_DAYS[body.type],
          }),
        ),
      );
    }),
    route("GET", BASE, "cockpit.ListDataSources", (call) => {
      regionOf(call);
      return ok(page(call, "data_sources", visible(call, sources.all()).map(view)));
    }),
    route("GET", `${BASE}/{id}`, "cockpit.GetDataSource", (call) => ok(view(existing(call)))),
    route("PATCH", `${BASE}/{id}`, "cockpit.UpdateDataSource", (call) => {
      const source = existing(call);
      const body = bodyOf(call, z.object({ name: optional(resourceName), retention_days: optional(retention) }));
      return ok(
        view(
          sources.put({
            ...source,
            name: body.name ?? source.name,
            retention_days: body.retention_days ?? source.retention_days,
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "cockpit.DeleteDataSource", (call) => {
      sources.delete(existing(call).id);
      return noContent;
    }),
  ];
}

function view(source: DataSource) {
  return {
    ...source,
    origin: "custom",
    url: `https://${source.id}.${source.type}.cockpit.${source.region}.scw.cloud`,
    synchronized_with_grafana: false,
    current_month_usage: 0,
  };
}
