import { strict as assert } from "node:assert";
import type { Trigger } from "../../../local/kubeflow/model";
import { checkTrigger, dueTime, nextTime, type Schedule } from "../../../local/kubeflow/schedule/times";

const at = (text: string): number => Date.parse(`${text}Z`);
const NOON = at("2026-03-01T12:00:00"); // a Sunday
const cron = (expression: string, bounds: object = {}): Trigger => ({ kind: "cron", cron: expression, ...bounds });
const every = (seconds: number, bounds: object = {}): Trigger => ({ kind: "interval", seconds, ...bounds });
const schedule = (trigger: Trigger, more: Partial<Schedule> = {}): Schedule => ({
  trigger,
  createdAt: NOON,
  noCatchup: false,
  ...more,
});
const next = (trigger: Trigger, more: Partial<Schedule> = {}): string | undefined => {
  const time = nextTime(schedule(trigger, more));
  return time === undefined ? undefined : new Date(time).toISOString().slice(0, 19);
};

describe("Times of a schedule", () => {
  const cases: readonly (readonly [Trigger, string])[] = [
    [cron("0 30 2 * * *"), "2026-03-02T02:30:00"],
    [cron("*/20 * * * * *"), "2026-03-01T12:00:20"],
    [cron("0 0 9 ? * 2-6"), "2026-03-03T09:00:00"],
    [cron("0 0 9 ? * MON-FRI"), "2026-03-02T09:00:00"],
    [cron("0 0 0 29 2 *"), "2028-02-29T00:00:00"],
    [cron("0 15,45 * * * ?"), "2026-03-01T12:15:00"],
    [cron("@yearly"), "2027-01-01T00:00:00"],
    [cron("@monthly"), "2026-04-01T00:00:00"],
    [cron("@weekly"), "2026-03-08T00:00:00"],
    [cron("@daily"), "2026-03-02T00:00:00"],
    [cron("@midnight"), "2026-03-02T00:00:00"],
    [cron("@hourly"), "2026-03-01T13:00:00"],
    [cron("@every 1h30m"), "2026-03-01T13:30:00"],
    [cron("@every 90s"), "2026-03-01T12:01:30"],
    [every(3600), "2026-03-01T13:00:00"],
  ];
  for (const [trigger, expected] of cases)
    it(`of ${trigger.kind === "cron" ? trigger.cron : `${trigger.seconds} s`} begin at ${expected}`, () => {
      assert.equal(next(trigger), expected);
    });

  it("go on after the last", () => {
    assert.equal(next(every(60), { lastScheduledAt: at("2026-03-01T15:00:00") }), "2026-03-01T15:01:00");
    assert.equal(next(cron("@daily"), { lastScheduledAt: at("2026-03-02T00:00:00") }), "2026-03-03T00:00:00");
  });

  it("keep to start and end", () => {
    assert.equal(next(every(60, { start: at("2026-04-01T00:00:00") })), "2026-04-01T00:01:00");
    assert.equal(next(cron("@daily", { start: at("2026-04-01T12:00:00") })), "2026-04-02T00:00:00");
    assert.equal(next(cron("@daily", { end: at("2026-03-01T18:00:00") })), undefined);
    assert.equal(next(every(60, { end: at("2026-03-01T12:01:00") })), "2026-03-01T12:01:00");
  });

  it("begin in the past where the start does, so that they are made good", () => {
    assert.equal(next(cron("@daily", { start: at("2026-02-01T00:00:00") })), "2026-02-02T00:00:00");
  });

  it("are due one after the other or, without catch-up, only the latest", () => {
    const now = at("2026-03-05T10:00:00");

    for (const [trigger, oldest, latest] of [
      [cron("@daily"), "2026-03-02T00:00:00", "2026-03-05T00:00:00"],
      [every(86_400), "2026-03-02T12:00:00", "2026-03-04T12:00:00"],
      [cron("@every 24h"), "2026-03-02T12:00:00", "2026-03-04T12:00:00"],
      [cron("@daily", { end: at("2026-03-03T10:00:00") }), "2026-03-02T00:00:00", "2026-03-03T00:00:00"],
    ] as const) {
      assert.equal(dueTime(schedule(trigger), now), at(oldest));
      assert.equal(dueTime(schedule(trigger, { noCatchup: true }), now), at(latest));
    }
  });

  it("are not due a millisecond early, and are due on the second", () => {
    assert.equal(dueTime(schedule(every(60)), NOON + 59_999), undefined);
    assert.equal(dueTime(schedule(every(60)), NOON + 60_000), NOON + 60_000);
    assert.equal(dueTime(schedule(cron("@hourly"), { noCatchup: true }), NOON + 3_600_000), NOON + 3_600_000);
  });

  it("are found at once after years of seconds", () => {
    const schedules = schedule(cron("* * * * * *"), { noCatchup: true, lastScheduledAt: at("2016-01-01T00:00:00") });

    assert.equal(dueTime(schedules, NOON), NOON);
  });

  const refusals: readonly (readonly [string, Trigger, RegExp])[] = [
    ["five fields", cron("0 2 * * *"), /"0 2 \* \* \*" must have six fields, seconds first/],
    ["seven", cron("0 0 2 * * * 2026"), /six fields/],
    ["a field that is too large", cron("0 0 25 * * *"), /cannot be read/],
    ["signs of other dialects", cron("0 0 2 L * *#2"), /six fields/],
    ["an unknown word", cron("@noon"), /six fields.*@daily/],
    ["an @every that is no duration", cron("@every day"), /such as 90s, 15m or 1h30m/],
    ["an interval of nothing", every(0), /interval_second is 0/],
    ["an end before the start", every(60, { start: 2000, end: 1000 }), /ends before it starts/],
  ];
  for (const [what, trigger, message] of refusals)
    it(`are refused for ${what}`, () => {
      assert.throws(() => checkTrigger(trigger), message);
    });
});
