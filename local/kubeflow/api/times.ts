/** What the original writes for a time that has not come yet. */
export const EPOCH = "1970-01-01T00:00:00Z";

/** RFC 3339 in UTC, in whole seconds. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

/** Undefined stays undefined. */
export function optionalTimestamp(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : timestamp(milliseconds);
}

const RFC_3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds of an RFC 3339 text; undefined where it is none. */
export function parseTimestamp(text: string): number | undefined {
  const milliseconds = RFC_3339.test(text) ? Date.parse(text.toUpperCase()) : NaN;
  return Number.isNaN(milliseconds) ? undefined : milliseconds;
}
