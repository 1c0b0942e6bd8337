import { z } from "zod";

const NOUNS: Readonly<Record<string, string>> = {
  string: "a text (in quotes, where it looks like a number)",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  object: "a group of settings",
  record: "a group of named settings",
  array: "a list",
};

/**
 * What would have been right, as the end of a sentence that begins with "must be".
 * Schemas may say it better themselves; this is for what they leave to the library.
 */
export const expectation: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case "invalid_type":
      return NOUNS[issue.expected] ?? issue.expected;
    case "invalid_value":
      return issue.values.length === 1 ? String(issue.values[0]) : `one of ${issue.values.join(", ")}`;
    case "too_small":
      return `${issue.origin === "string" ? "text of " : ""}${issue.minimum} or more${issue.origin === "string" ? " characters" : ""}`;
    case "too_big":
      return `${issue.origin === "string" ? "text of " : ""}${issue.maximum} or less${issue.origin === "string" ? " characters" : ""}`;
    case "unrecognized_keys":
      return knownKeys(issue.inst).join(", ");
    default:
      return undefined;
  }
};

/** One line per mistake: the key as it is typed in the stack file, its value, and what would be right. */
export function describeMistakes(namespace: string, raw: unknown, issues: readonly z.core.$ZodIssue[]): string[] {
  return issues.flatMap((issue) => {
    const key = keyOf(namespace, issue.path);
    if (issue.code === "unrecognized_keys")
      return issue.keys.map((extra) => {
        const known = issue.message.split(", ");
        const meant = closest(extra, known);
        return `${keyOf(namespace, [...issue.path, extra])} is ${shown(valueAt(raw, [...issue.path, extra]))}, but there is no such setting: ${meant ? `did you mean ${meant}?` : `known here are ${issue.message}`}`;
      });
    if (issue.code === "invalid_key")
      return [`${key} is a name that must be ${issue.issues.map(({ message }) => message).join(" and ")}`];
    const value = valueAt(raw, issue.path);
    return [
      value === undefined
        ? `${key} is missing: it must be ${issue.message}`
        : `${key} is ${shown(value)}, but must be ${issue.message}`,
    ];
  });
}

/** `recommender:cluster.pools.gpu.minNodes`: section by colon, then by dots. */
function keyOf(namespace: string, path: readonly PropertyKey[]): string {
  return path.length === 0 ? namespace : `${namespace}:${path.map(String).join(".")}`;
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    raw,
  );
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

function knownKeys(schema: unknown): string[] {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** The known key that differs by at most two letters; a slip of the finger, most of the time. */
function closest(word: string, known: readonly string[]): string | undefined {
  return known.find((candidate) => distance(word.toLowerCase(), candidate.toLowerCase()) <= 2);
}

/** Letters to insert, drop or change to turn one word into the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
