import { z } from "zod";
import { hostLabel, uuid, withRule } from "./fields";

export const REGIONS = ["fr-par", "nl-ams", "pl-waw", "it-mil"] as const;
export const zone = z
  .string()
  .regex(/^(fr-par|nl-ams|pl-waw|it-mil)-[123]$/, 'a region and a number from 1 to 3, such as "fr-par-2"');

const fields = z.strictObject({
  name: hostLabel.describe(
    "Begins the names that must be unique among all customers of Scaleway (buckets, registry). A change replaces them.",
  ),
  organizationId: uuid.describe("Organization that owns the IAM applications and policies."),
  projectId: uuid.describe("Project in which everything is made. It beats SCW_DEFAULT_PROJECT_ID."),
  region: z.enum(REGIONS).describe("Region of cluster, buckets, registry and secrets."),
  zone: zone.describe("Zone of the pools and of the volume behind the shared file system; it lies in the region."),
});

/** Where everything is made. */
export const project = withRule(fields, z.object({ region: z.enum(REGIONS), zone }), ({ region, zone }) =>
  zone.startsWith(`${region}-`)
    ? undefined
    : { path: ["zone"], message: `a zone of region ${region}: ${region}-1, ${region}-2 or ${region}-3` },
).describe("The Scaleway project and place in which everything is made.");

/** The Scaleway project and place in which everything is made; every resource names it explicitly. */
export type Project = z.output<typeof project>;
