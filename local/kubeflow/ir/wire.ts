import { z } from "zod";
import type { Json, JsonObject } from "../model";

/**
 * Scalars as proto-JSON writes them: 64-bit integers as text or number, durations as seconds with an `s`, doubles as
 * numbers. What is read is a plain value.
 */

export const json = z.custom<Json>((value) => value !== undefined);

export const struct = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  { error: "must be an object" },
);

/** A count that is not negative. */
export const integer = z
  .union([z.number(), z.string().regex(/^\d+$/, { error: "must be a whole number" }).transform(Number)])
  .refine((value) => Number.isSafeInteger(value) && value >= 0, { error: "must be a whole number, not negative" });

/** Milliseconds of a duration such as "30s" or "1.5s". */
export const duration = z
  .string()
  .regex(/^\d+(\.\d{1,9})?s$/, { error: 'must be a duration in seconds such as "30s"' })
  .transform((text) => Math.round(Number(text.slice(0, -1)) * 1000));

export const texts = z.record(z.string(), z.string());

/** One fault of a document: where, and what. */
export interface Fault {
  readonly path: string;
  readonly problem: string;
}

/** What zod found, as faults below a path such as "components.comp-train". */
export function faultsOf(error: z.core.$ZodError, below = ""): Fault[] {
  return error.issues.flatMap((issue) => issueFaults(issue, below));
}

function issueFaults(issue: z.core.$ZodIssue, below: string): Fault[] {
  const path = [below, ...issue.path.map(String)].filter((part) => part !== "").join(".");
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ path: path === "" ? key : `${path}.${key}`, problem: "is not a known field" }));
  if (issue.code === "invalid_type") return [{ path, problem: `must be ${named(issue.expected)}` }];
  if (issue.code === "invalid_value")
    return [{ path, problem: `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}` }];
  return [{ path, problem: issue.message }];
}

function named(type: string): string {
  if (type === "object" || type === "record") return "an object";
  return type === "array" ? "a list" : `a ${type}`;
}
