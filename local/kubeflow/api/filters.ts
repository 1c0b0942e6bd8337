import { z } from "zod";
import { invalid } from "./errors";
import { protoNames } from "./requests";
import { parseTimestamp } from "./times";

/** What lists of one kind can be filtered and sorted by. Times are milliseconds, and 0 where they are not set. */
export type Fields<T> = Readonly<
  Record<
    string,
    | { readonly kind: "text"; readonly read: (item: T) => string }
    | { readonly kind: "time"; readonly read: (item: T) => number }
  >
>;

export const text = <T>(read: (item: T) => string | undefined) =>
  ({ kind: "text", read: (item: T) => read(item) ?? "" }) as const;
export const time = <T>(read: (item: T) => number | undefined) =>
  ({ kind: "time", read: (item: T) => read(item) ?? 0 }) as const;

const OPERATIONS = {
  EQUALS: 1,
  NOT_EQUALS: 2,
  GREATER_THAN: 3,
  GREATER_THAN_EQUALS: 5,
  LESS_THAN: 6,
  LESS_THAN_EQUALS: 7,
  IN: 8,
  IS_SUBSTRING: 9,
} as const;

type Operation = keyof typeof OPERATIONS;
type Value = string | number;

const integer = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^-?\d+$/)
    .transform(Number),
]);
const values = <T extends z.ZodType>(item: T) => z.strictObject({ values: z.array(item) });

const predicateSchema = z.strictObject({
  operation: z.union([z.number(), z.string()]),
  key: z.string(),
  int_value: integer.optional(),
  long_value: integer.optional(),
  string_value: z.string().optional(),
  timestamp_value: z.string().optional(),
  int_values: values(integer).optional(),
  long_values: values(integer).optional(),
  string_values: values(z.string()).optional(),
});

const filterSchema = z.strictObject({ predicates: z.array(predicateSchema).optional() });

/** Whether an item passes all predicates of a `filter`, which is JSON. Names compare without regard to case. */
export function parseFilter<T>(filter: string, fields: Fields<T>): (item: T) => boolean {
  if (filter === "") return () => true;
  const parsed = filterSchema.safeParse(protoNames(json(filter)));
  if (!parsed.success) throw invalid(`The filter ${filter} cannot be read: ${z.prettifyError(parsed.error)}`);
  const predicates = (parsed.data.predicates ?? []).map((predicate) => test(predicate, fields));
  return (item) => predicates.every((passes) => passes(item));
}

function json(filter: string): unknown {
  try {
    return JSON.parse(filter) as unknown;
  } catch {
    throw invalid(`The filter ${filter} is not JSON.`);
  }
}

function test<T>(predicate: z.infer<typeof predicateSchema>, fields: Fields<T>): (item: T) => boolean {
  const { key } = predicate;
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (!field) throw invalid(`Nothing can be filtered by "${key}"; use one of ${Object.keys(fields).join(", ")}.`);
  const operation = operationOf(predicate.operation);
  const wanted = operandsOf(predicate).map((value) => comparable(field.kind, value, key));
  const [first] = wanted;
  if (first === undefined) throw invalid(`The filter on "${key}" has no value.`);
  // The wire has whole seconds, so that nobody can ask for less.
  const read = (item: T): Value => {
    const value = field.read(item);
    return typeof value === "number" ? Math.floor(value / 1000) : value.toLowerCase();
  };
  switch (operation) {
    case "EQUALS":
      return (item) => read(item) === first;
    case "NOT_EQUALS":
      return (item) => read(item) !== first;
    case "IN":
      return (item) => wanted.includes(read(item));
    case "IS_SUBSTRING":
      return (item) => String(read(item)).includes(String(first));
    case "GREATER_THAN":
      return (item) => read(item) > first;
    case "GREATER_THAN_EQUALS":
      return (item) => read(item) >= first;
    case "LESS_THAN":
      return (item) => read(item) < first;
    case "LESS_THAN_EQUALS":
      return (item) => read(item) <= first;
  }
}

function operationOf(given: string | number): Operation {
  const found = Object.entries(OPERATIONS).find(([name, number]) => name === given || number === Number(given));
  if (!found)
    throw invalid(`"${given}" is no operation of a filter; use one of ${Object.keys(OPERATIONS).join(", ")}.`);
  return found[0] as Operation;
}

function operandsOf(predicate: z.infer<typeof predicateSchema>): readonly Value[] {
  const { int_value, long_value, string_value, timestamp_value } = predicate;
  const single = [int_value, long_value, string_value, timestamp_value].filter((value) => value !== undefined);
  const several = [predicate.int_values, predicate.long_values, predicate.string_values].flatMap(
    (list): readonly Value[] => list?.values ?? [],
  );
  return [...single, ...several];
}

function comparable(kind: "text" | "time", value: Value, key: string): Value {
  if (kind === "text") return String(value).toLowerCase();
  if (typeof value === "number") return value;
  const milliseconds = parseTimestamp(value);
  if (milliseconds === undefined) throw invalid(`"${key}" is compared with "${value}", which is no RFC 3339 time.`);
  return Math.floor(milliseconds / 1000);
}
