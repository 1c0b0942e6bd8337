import assert from "node:assert/strict";
import fc from "fast-check";
import { meanInterval } from "../../../pipelines/components/models/bootstrap";
import { judge, parseScores, type Scores } from "../../../pipelines/components/models/gate";

const RULES = { floor: 0, margin: 0.004 };

/** Values of many users that lie around a middle in the same way. */
function sample(middle: number, more: Partial<Scores> = {}): Scores {
  const ids = Array.from({ length: 2000 }, (_, at) => `u${at}`);
  const values = ids.map((_, at) => middle + ((at % 7) - 3) / 20);
  return { metric: "recall10", sample: "Books, split dev", ids, values, baseline: ids.map(() => 0.02), ...more };
}

describe("The gate", () => {
  it("lets a first model pass that beats the best sellers", () => {
    const verdict = judge(sample(0.07), undefined, RULES);

    assert.ok(verdict.passed);
    assert.match(verdict.reasons.join("\n"), /no model is live/);
    assert.ok(Math.abs(verdict.figure - 0.07) < 1e-3);
    assert.ok(verdict.overBaseline.lower > 0.04 && verdict.overBaseline.upper < 0.06);
  });

  it("stops one whose lead over the best sellers is within the interval", () => {
    const verdict = judge(sample(0.0201), undefined, RULES);

    assert.ok(!verdict.passed);
    assert.match(verdict.reasons[1] ?? "", /^NOT REACHED: it is better than the baseline \(0\.0200\) by .*95 %: -/);
  });

  it("stops one below the floor", () => {
    assert.ok(!judge(sample(0.07), undefined, { ...RULES, floor: 0.075 }).passed);
  });

  it("lets the same model pass again, and stops one that is worse than the live one", () => {
    const live = { version: "abc", scores: sample(0.07) };
    assert.ok(judge(sample(0.07), live, RULES).passed);
    assert.ok(judge(sample(0.067), live, RULES).passed);

    const worse = judge(sample(0.065), live, RULES);
    assert.ok(!worse.passed);
    assert.equal(worse.overLive?.version, "abc");
    assert.ok(Math.abs(worse.overLive.upper - -0.005) < 1e-9, "paired: the users' own spread cancels out");
    assert.ok(judge(sample(0.065), live, { ...RULES, margin: 0.01 }).passed);
  });

  it("compares users that both know, and nothing with a model of other data", () => {
    const live = sample(0.09, { ids: sample(0).ids.map((id, at) => (at < 1000 ? id : `gone ${at}`)) });
    assert.equal(judge(sample(0.07), { version: "v", scores: live }, RULES).overLive?.count, 1000);

    for (const other of [{ sample: "Films" }, { metric: "ndcg10" }, { ids: live.ids.map((id) => `x${id}`) }]) {
      const verdict = judge(sample(0.07), { version: "v", scores: { ...live, ...other } }, RULES);
      assert.ok(verdict.passed);
      assert.match(verdict.reasons.join("\n"), /live model v was measured on another sample/);
    }
  });

  it("gives the same verdict for the same values", () => {
    assert.deepEqual(judge(sample(0.07), undefined, RULES), judge(sample(0.07), undefined, RULES));
  });

  it("says what is wrong with the values", () => {
    const valid = sample(0.1);
    assert.deepEqual(parseScores(JSON.stringify(valid), "scores"), valid);
    for (const [text, reason] of [
      ["[", /scores is not a JSON object/],
      ["{}", /does not name metric and sample/],
      [JSON.stringify({ ...valid, values: [1] }), /needs ids, values and baseline of one length/],
      [JSON.stringify({ ...valid, baseline: valid.values.map(() => "1") }), /of one length/],
      [JSON.stringify({ ...valid, ids: [], values: [], baseline: [] }), /at least 1/],
    ] as const)
      assert.throws(() => parseScores(text, "scores"), reason);
  });
});

describe("The interval of a mean", () => {
  it("holds the mean, and shrinks with the number of values", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 2, maxLength: 40 }), (values) => {
        const { mean, lower, upper } = meanInterval(values);
        assert.ok(lower <= upper);
        assert.ok(lower >= Math.min(...values) - 1e-12 && upper <= Math.max(...values) + 1e-12);
        assert.ok(lower - 1e-9 <= mean || values.length < 5);
      }),
    );
    const width = (count: number) => {
      const { lower, upper } = meanInterval(Array.from({ length: count }, (_, at) => at % 2));
      return upper - lower;
    };
    assert.ok(Math.abs(width(100) - 2 * 1.96 * 0.05) < 0.02, "two standard errors to either side");
    assert.ok(Math.abs(width(10_000) - 2 * 1.96 * 0.005) < 0.002);
  });

  it("is a point where all values are one", () => {
    assert.deepEqual(meanInterval([0.5, 0.5, 0.5]), { mean: 0.5, lower: 0.5, upper: 0.5, count: 3 });
    assert.throws(() => meanInterval([]), RangeError);
  });
});
