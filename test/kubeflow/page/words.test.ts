import { strict as assert } from "node:assert";
import fc from "fast-check";
import {
  bytes,
  duration,
  elapsed,
  json,
  known,
  localTime,
  period,
  shortened,
  shortenedByWords,
} from "../../../local/kubeflow/page/client/format";
import { Log } from "../../../local/kubeflow/page/client/log";
import { addressOf, type Route, routeOf } from "../../../local/kubeflow/page/client/route";
import { wordOf } from "../../../local/kubeflow/page/client/states";
import type { RuntimeState } from "../../../local/kubeflow/model";

describe("Times and sizes on the page", () => {
  it("says durations in two units at most", () => {
    const cases: [number, string][] = [
      [-5, "0 s"],
      [999, "0 s"],
      [59_999, "59 s"],
      [65_000, "1 min 05 s"],
      [3_600_000, "1 h 00 min"],
      [26 * 3_600_000 + 60_000, "1 d 02 h"],
    ];
    for (const [milliseconds, words] of cases) assert.equal(duration(milliseconds), words);
  });

  it("says periods without what is nothing", () => {
    assert.deepEqual([0, 90, 3600, 90_000, 604_800].map(period), ["0 s", "1 min 30 s", "1 h", "1 d 1 h", "7 d"]);
  });

  it("takes the epoch for a time that is not yet", () => {
    const now = Date.parse("2026-11-21T15:00:10Z");

    assert.equal(known("1970-01-01T00:00:00Z"), undefined);
    assert.equal(elapsed("2026-11-21T15:00:00Z", "1970-01-01T00:00:00Z", now), "10 s");
    assert.equal(elapsed("2026-11-21T15:00:00Z", "2026-11-21T15:00:04Z", now), "4 s");
    assert.equal(elapsed(undefined, undefined, now), undefined);
  });

  it("says times where the reader is", () => {
    const date = new Date(2026, 10, 1, 4, 5, 6);

    assert.equal(localTime(date.toISOString()), "2026-11-01 04:05:06");
  });

  it("says sizes, of 64-bit integers that come as texts too", () => {
    assert.deepEqual([0, "999", "17000", 3_400_000].map(bytes), ["0 B", "999 B", "17.0 kB", "3.4 MB"]);
  });

  it("says values: texts as they are, short ones in a line", () => {
    assert.deepEqual([json("a"), json(0.5), json(null), json([1, "a"])], ["a", "0.5", "null", '[1,"a"]']);
    assert.match(json(Array.from({ length: 50 }, (_, index) => index)), /\n/);
  });

  it("cuts between letters, not within one", () => {
    assert.equal(shortened("📚📚📚", 2), "📚…");
    assert.equal(shortened("abc", 3), "abc");
  });

  it("cuts after a whole word where there is one", () => {
    assert.equal(shortenedByWords("if rmse < threshold", 19), "if rmse < threshold");
    assert.equal(shortenedByWords("if rmse < threshold", 14), "if rmse…");
    assert.equal(shortenedByWords("recommender-scikit-gpu", 21), "recommender-scikit…");
    assert.equal(shortenedByWords("recommender", 5), "reco…");
  });

  it("says a state that it does not know as it is", () => {
    assert.equal(wordOf("SUCCEEDED").label, "Succeeded");
    assert.equal(wordOf(undefined).label, "Not started");
    assert.equal(wordOf("NEW_STATE" as RuntimeState).label, "NEW_STATE");
  });
});

describe("Addresses of the page", () => {
  const id = fc.string({ minLength: 1 }).filter((text) => text.trim() !== "");
  const optional = fc.option(id, { nil: undefined });
  const route: fc.Arbitrary<Route> = fc.oneof(
    fc.record({
      at: fc.constant("runs" as const),
      filter: fc.record({
        experiment: optional,
        pipeline: optional,
        state: optional,
        archived: fc.constantFrom(true, undefined),
        token: optional,
      }),
    }),
    fc.record({ at: fc.constant("run" as const), run: id, task: optional }, { requiredKeys: ["at", "run"] }),
    fc.record({ at: fc.constant("compare" as const), left: id, right: id }),
    fc.record({ at: fc.constant("pipeline" as const), pipeline: id, version: optional }),
    fc.constantFrom<Route>({ at: "pipelines" }, { at: "recurring" }),
  );
  const defined = (value: Route): unknown => JSON.parse(JSON.stringify(value));

  it("lead back to where they were taken", () => {
    fc.assert(
      fc.property(route, (there) => assert.deepEqual(defined(routeOf(addressOf(there)) as Route), defined(there))),
    );
  });

  it("lead nowhere where they were misspelt, and to the runs where they are empty", () => {
    assert.equal(routeOf("")?.at, "runs");
    for (const wrong of ["#/elsewhere", "#/runs/%E0%A4%A", "#/runs/a/b/c", "#/compare/a"])
      assert.deepEqual(routeOf(wrong), { at: "nowhere" });
    assert.equal(routeOf("#content"), undefined);
  });
});

describe("A log that is followed", () => {
  const piece = (text: string, end: number) => ({ content: new TextEncoder().encode(text), end });

  it("puts pieces together, also where a letter was cut in two", () => {
    const log = new Log();
    const whole = new TextEncoder().encode("füh");

    log.add({ content: whole.slice(0, 2), end: 2 });
    assert.equal(log.offset, 2);
    log.add({ content: whole.slice(2), end: whole.length });

    assert.equal(log.text, "füh");
  });

  it("notices that it is another log than before", () => {
    const log = new Log();
    log.add(piece("first try", 9));

    assert.equal(log.add(piece("", 3)), false);
    assert.equal(log.offset, 0);
    log.add(piece("new", 3));
    assert.equal(log.text, "new");
  });

  it("keeps the end of a long one, in whole lines", () => {
    const log = new Log();
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index}\n`).join("");

    log.add(piece(lines, lines.length));

    assert.ok(log.isCut);
    assert.match(log.text, /^line \d+\n/);
    assert.ok(log.text.endsWith("line 49999\n"));
    assert.ok(log.text.length < 200_000);
  });
});
