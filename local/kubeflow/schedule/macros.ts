import type { Json, JsonObject } from "../model";

/** What a run of a schedule knows about itself. */
export interface Occasion {
  readonly scheduledAt: number;
  readonly now: number;
  /** 1 for the first run of the schedule. */
  readonly index: number;
}

/** Parts of the moment from which Go's time formats are built. */
const GO_LAYOUT: readonly (readonly [string, (time: Date) => string])[] = [
  ["2006", (time) => String(time.getUTCFullYear())],
  ["01", (time) => two(time.getUTCMonth() + 1)],
  ["02", (time) => two(time.getUTCDate())],
  ["15", (time) => two(time.getUTCHours())],
  ["04", (time) => two(time.getUTCMinutes())],
  ["05", (time) => two(time.getUTCSeconds())],
];
const DEFAULT_LAYOUT = "20060102150405";

const two = (value: number): string => String(value).padStart(2, "0");

/** Fills [[ScheduledTime]], [[CurrentTime]] (each also with a Go format after a dot) and [[Index]] into texts. */
export function fillMacros(parameters: JsonObject, occasion: Occasion): JsonObject {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, fill(value, occasion)]));
}

function fill(value: Json, { scheduledAt, now, index }: Occasion): Json {
  if (typeof value !== "string") return value;
  return value
    .replaceAll("[[Index]]", String(index))
    .replace(/\[\[(ScheduledTime|CurrentTime)(?:\.(.*?))?\]\]/g, (_, which: string, layout?: string) =>
      formatted(new Date(which === "ScheduledTime" ? scheduledAt : now), layout ?? DEFAULT_LAYOUT),
    );
}

function formatted(time: Date, layout: string): string {
  const parts = new RegExp(GO_LAYOUT.map(([part]) => part).join("|"), "g");
  return layout.replace(parts, (part) => GO_LAYOUT.find(([name]) => name === part)?.[1](time) ?? part);
}
