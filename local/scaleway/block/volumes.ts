import { z } from "zod";
import { type Platform, type Timestamps, find, newborn, projectFor, settled, touched, visible } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { breaksRule, notFound, preconditionFailed } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, resourceName, tags, zoneOf } from "../server/validation";

export interface Volume extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
  readonly zone: string;
  /** Bytes. */
  readonly size: number;
  readonly perf_iops: 5000 | 15000;
  readonly tags: string[];
  readonly status: "creating" | "available" | "in_use" | "deleting";
  readonly references: readonly unknown[];
  readonly last_detached_at: string | null;
}

const BASE = "/block/v1/zones/{zone}/volumes";
const GIGABYTE = 1_000_000_000;
const LARGEST_BYTES = 10_000 * GIGABYTE;

const iops = z.union([z.literal(5000), z.literal(15000)], { error: "must be 5000 or 15000" });
const size = z.int().min(GIGABYTE, "must be at least 1 GB").max(LARGEST_BYTES, "must be at most 10 TB");

/** Block volumes. Their bytes are a directory of this machine that the cluster's storage driver keeps. */
export function volumeRoutes(platform: Platform): Route[] {
  const volumes = platform.store.collection<Volume>("block-volumes");
  const existing = (call: Call): Volume => find(call, volumes, "volume", param(call, "id"));

  return [
    route("POST", BASE, "block.CreateVolume", (call) => {
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          perf_iops: optional(iops),
          project_id: optional(z.string()),
          tags,
          from_empty: optional(z.object({ size })),
          from_snapshot: optional(z.object({ snapshot_id: z.string(), size: optional(size) })),
        }),
      );
      const zone = zoneOf(call);
      const project_id = projectFor(call, platform, body.project_id);
      if (body.from_snapshot) throw notFound("snapshot", body.from_snapshot.snapshot_id);
      if (!body.from_empty) throw breaksRule("from_empty", "give from_empty with the size of the new volume");
      const base = newborn();
      const volume: Volume = {
        ...base,
        name: body.name ?? `vol-${base.id.slice(0, 8)}`,
        project_id,
        zone,
        size: body.from_empty.size,
        perf_iops: body.perf_iops ?? 5000,
        tags: body.tags ?? [],
        status: "available",
        references: [],
        last_detached_at: null,
      };
      volumes.put(call.stuck ? { ...volume, status: "creating" } : volume);
      return ok(view({ ...volume, status: "creating" }));
    }),
    route("GET", BASE, "block.ListVolumes", (call) => {
      zoneOf(call);
      const tag = call.query.get("tags");
      const found = matching(call, visible(call, volumes.all()), { name: (each) => each.name }).filter(
        (each) => tag === null || each.tags.includes(tag),
      );
      return ok(page(call, "volumes", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "block.GetVolume", async (call) => {
      await settled(platform, call, () => volumes.get(param(call, "id"))?.status === "creating");
      return ok(view(existing(call)));
    }),
    route("PATCH", `${BASE}/{id}`, "block.UpdateVolume", (call) => {
      const volume = existing(call);
      const body = bodyOf(
        call,
        z.object({ name: optional(resourceName), size: optional(size), tags, perf_iops: optional(iops) }),
      );
      if (body.size !== undefined && body.size < volume.size)
        throw breaksRule("size", `a volume cannot shrink: it has ${volume.size} bytes, ${body.size} were asked for`);
      return ok(
        view(
          volumes.put({
            ...volume,
            name: body.name ?? volume.name,
            size: body.size ?? volume.size,
            tags: body.tags ?? volume.tags,
            perf_iops: body.perf_iops ?? volume.perf_iops,
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{id}`, "block.DeleteVolume", (call) => {
      const volume = existing(call);
      if (volume.status === "in_use")
        throw preconditionFailed("resource_still_in_use", `volume "${volume.name}" is attached; detach it first`);
      volumes.delete(volume.id);
      return noContent;
    }),
  ];
}

function view({ perf_iops, ...volume }: Volume) {
  return {
    ...volume,
    type: perf_iops === 5000 ? "sbs_5k" : "sbs_15k",
    parent_snapshot_id: null,
    kms_key_id: null,
    specs: { class: "sbs", perf_iops },
  };
}
