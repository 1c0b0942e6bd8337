import { z } from "zod";
import type { JsonObject } from "../model";
import { invalid } from "./errors";
import { parseTimestamp } from "./times";

/** What is the caller's own, whatever its keys look like. */
const OPAQUE = new Set(["pipeline_spec", "parameters", "tags"]);

/**
 * A message as its schema has it: snake_case keys where the caller wrote camelCase (both are allowed by protobuf's
 * JSON), and without nulls and empty texts, which mean the same as a missing field.
 */
export function protoNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(protoNames);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, content]: [string, unknown]) => {
    if (content === null || content === "") return [];
    const name = key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    return [[name, OPAQUE.has(name) ? content : protoNames(content)] as const];
  });
  return Object.fromEntries(entries);
}

/** A request's body after its schema. @throws ApiError naming each field that does not fit */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const parsed = schema.safeParse(protoNames(body ?? {}));
  if (!parsed.success) throw invalid(`The request does not fit: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

/** int64 comes as a number or as a text. */
export const int64 = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);

export const jsonObject = z.custom<JsonObject>(
  (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  "must be an object",
);

/** Milliseconds of an RFC 3339 text. */
export const instant = z.string().transform((text, context): number => {
  const milliseconds = parseTimestamp(text);
  if (milliseconds !== undefined) return milliseconds;
  context.issues.push({ code: "custom", input: text, message: `"${text}" is no RFC 3339 time` });
  return z.NEVER;
});

export const tags = z.record(z.string(), z.string());

/** Fields that the server sets; a caller may send back what it once read. */
export const ignored = <const K extends string>(...names: readonly K[]): Record<K, z.ZodOptional<z.ZodUnknown>> =>
  Object.fromEntries(names.map((name) => [name, z.unknown().optional()])) as Record<K, z.ZodOptional<z.ZodUnknown>>;

export const versionReference = z
  .strictObject({ pipeline_id: z.string().optional(), pipeline_version_id: z.string().optional() })
  .refine(({ pipeline_id, pipeline_version_id }) => pipeline_id ?? pipeline_version_id, "names no pipeline");

export const runtimeConfig = z.strictObject({
  parameters: jsonObject.optional(),
  pipeline_root: z.string().optional(),
});
