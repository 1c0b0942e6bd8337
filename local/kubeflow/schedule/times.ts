import { Cron } from "croner";
import type { RecurringRun, Trigger } from "../model";

/** What decides when a recurring run is due. */
export type Schedule = Pick<RecurringRun, "trigger" | "createdAt" | "lastScheduledAt" | "noCatchup">;

const DESCRIPTORS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 0 1 1 *",
  "@annually": "0 0 0 1 1 *",
  "@monthly": "0 0 0 1 * *",
  "@weekly": "0 0 0 * * 0",
  "@daily": "0 0 0 * * *",
  "@midnight": "0 0 0 * * *",
  "@hourly": "0 0 * * * *",
};

/** Refuses what the original's schedules do not know, and what can never be due. @throws Error with the remedy */
export function checkTrigger(trigger: Trigger): void {
  if (trigger.start !== undefined && trigger.end !== undefined && trigger.end < trigger.start)
    throw new Error("The schedule ends before it starts. Swap start_time and end_time.");
  if (trigger.kind === "cron") return void rhythmOf(trigger);
  if (!Number.isInteger(trigger.seconds) || trigger.seconds < 1)
    throw new Error(`interval_second is ${trigger.seconds} and must be a whole number of seconds, at least 1.`);
}

/** First time after the last one that was turned into a run; undefined where the schedule is over. */
export function nextTime(schedule: Schedule): number | undefined {
  const { trigger, createdAt, lastScheduledAt } = schedule;
  const begin = lastScheduledAt ?? trigger.start ?? createdAt;
  const next = rhythmOf(trigger).after(Math.max(begin, trigger.start ?? begin));
  return next === undefined || next > (trigger.end ?? Infinity) ? undefined : next;
}

/** Time that should be turned into a run now: the oldest one that was missed or, without catch-up, the latest. */
export function dueTime(schedule: Schedule, now: number): number | undefined {
  const next = nextTime(schedule);
  if (next === undefined || next > now) return undefined;
  const { trigger, noCatchup } = schedule;
  return noCatchup ? rhythmOf(trigger).latest(next, Math.min(now, trigger.end ?? now)) : next;
}

/** Times without beginning or end. */
interface Rhythm {
  after(time: number): number | undefined;
  /** The last one up to `limit`, given an earlier one. */
  latest(known: number, limit: number): number;
}

function rhythmOf(trigger: Trigger): Rhythm {
  if (trigger.kind === "interval") return interval(trigger.seconds * 1000);
  const every = /^@every\s+(.+)$/.exec(trigger.cron);
  return every ? interval(goDuration(every[1] ?? "")) : cron(trigger.cron);
}

const interval = (length: number): Rhythm => ({
  after: (time) => seconds(time) + length,
  latest: (known, limit) => known + Math.floor((limit - known) / length) * length,
});

function cron(expression: string): Rhythm {
  const fields = DESCRIPTORS[expression] ?? expression;
  if (fields.trim().split(/\s+/).length !== 6 || !/^[\w\s*/,?-]+$/.test(fields))
    throw new Error(
      `The schedule "${expression}" must have six fields, seconds first, such as "0 30 4 * * *", ` +
        `or be @every <duration> or one of ${Object.keys(DESCRIPTORS).join(", ")}.`,
    );
  let parsed: Cron;
  try {
    // Both marks mean any; croner would fill ? in from the clock.
    parsed = new Cron(fields.replaceAll("?", "*"), { timezone: "UTC", mode: "6-part" });
  } catch (error) {
    throw new Error(`The schedule "${expression}" cannot be read: ${(error as Error).message}`, { cause: error });
  }
  return {
    after: (time) => parsed.nextRun(new Date(seconds(time)))?.getTime(),
    // The reference itself does not count as past.
    latest: (known, limit) => parsed.previousRuns(1, new Date(seconds(limit) + 1000))[0]?.getTime() ?? known,
  };
}

const UNIT_MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration as Go writes it, such as 1h30m; whole seconds, at least one. */
function goDuration(text: string): number {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text))
    throw new Error(`"@every ${text}" must be a duration such as 90s, 15m or 1h30m.`);
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)];
  const total = parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_MILLISECONDS[unit ?? ""] ?? 0), 0);
  return Math.max(1000, seconds(total));
}

/** Schedules know whole seconds. */
const seconds = (milliseconds: number): number => Math.floor(milliseconds / 1000) * 1000;
