import { z } from "zod";
import type { Call } from "./call";
import { type ArgumentFault, breaksRule, invalidArguments } from "./errors";

/** The body of a call, checked; every mistake of it is reported in one refusal. */
export function bodyOf<S extends z.ZodType>(call: Call, schema: S): z.output<S> {
  const parsed = schema.safeParse(call.body ?? {});
  if (parsed.success) return parsed.data;
  throw invalidArguments(...parsed.error.issues.map(toFault));
}

function toFault(issue: z.core.$ZodIssue): ArgumentFault {
  const argument_name = issue.path.map(String).join(".");
  const missing = issue.code === "invalid_type" && /received (undefined|null)/.test(issue.message);
  const reason = missing ? "required" : issue.code === "invalid_type" ? "format" : "constraint";
  return { argument_name, reason, help_message: issue.message };
}

/** Field that a client may leave out or send as null, which both mean "not given". */
export const optional = <S extends z.ZodType>(schema: S) =>
  schema.nullish().transform((value): z.output<S> | undefined => value ?? undefined);

export const tags = optional(z.array(z.string()));

/** Names as most products take them: 1 to 255 visible characters. */
export const resourceName = z.string().min(1, "must not be empty").max(255, "must have at most 255 characters");

/** Regions of Scaleway; zones are `<region>-1` to `-3`. */
export const REGIONS = ["fr-par", "nl-ams", "pl-waw", "it-mil"] as const;

/** The region of a route, refused where Scaleway has none of that name. */
export function regionOf(call: Call): string {
  const region = call.params["region"] ?? "";
  if (!(REGIONS as readonly string[]).includes(region))
    throw breaksRule("region", `region "${region}" does not exist; use one of ${REGIONS.join(", ")}`);
  return region;
}

/** The zone of a route, refused where Scaleway has none of that name. */
export function zoneOf(call: Call): string {
  const zone = call.params["zone"] ?? "";
  if (!isZone(zone)) throw breaksRule("zone", `zone "${zone}" does not exist; use a region followed by -1, -2 or -3`);
  return zone;
}

export const isZone = (zone: string): boolean => REGIONS.some((region) => new RegExp(`^${region}-[123]$`).test(zone));

export const regionOfZone = (zone: string): string => zone.replace(/-\d$/, "");
