import assert from "node:assert/strict";
import { duration, Progress, throttled } from "../../local/toolchain/progress";

describe("Progress", () => {
  const pieces = [
    { name: "pulumi", seconds: 300 },
    { name: "etcd", seconds: 100 },
  ];

  it("weighs pieces by their time and reckons the time left from the pace so far", () => {
    let now = 0;
    const progress = new Progress(pieces, () => now);
    progress.advance("pulumi", 0.5);
    progress.advance("etcd", 0.5);
    now = 100_000;

    assert.equal(progress.percent, 50);
    assert.equal(progress.secondsLeft, 100);
    assert.equal(String(progress), " 50 %, about 2 min left: pulumi, etcd");
  });

  it("names what has begun and is not finished, and gives no estimate before there is a pace", () => {
    let now = 0;
    const progress = new Progress(pieces, () => now);
    progress.advance("etcd", 0);
    now = 60_000;

    assert.equal(progress.secondsLeft, undefined);
    assert.equal(String(progress), "  0 %: etcd");
    progress.advance("etcd", 1);
    assert.deepEqual(progress.current, []);
  });

  it("never goes back and reaches 100 only at the end", () => {
    const progress = new Progress(pieces, () => 0);
    progress.advance("pulumi", 1);
    progress.advance("etcd", 0.99);
    progress.advance("etcd", 0.2);

    assert.equal(progress.percent, 99);
    progress.advance("etcd", 1);
    assert.equal(progress.percent, 100);
  });

  it("refuses a piece it was not told of", () => {
    assert.throws(() => new Progress(pieces).advance("kubectl", 1), /"kubectl" is none of the pieces/);
  });

  for (const [seconds, text] of [
    [2, "5 s"],
    [44, "45 s"],
    [95, "2 min"],
    [600, "10 min"],
    [4200, "1 h 10 min"],
  ] as const) {
    it(`says ${seconds} seconds as "${text}"`, () => assert.equal(duration(seconds), text));
  }

  it("passes on one line in an interval", () => {
    let now = 0;
    const lines: string[] = [];
    const report = throttled(
      (line) => lines.push(line),
      1000,
      () => now,
    );
    for (const [time, line] of [
      [0, "a"],
      [500, "b"],
      [1000, "c"],
      [1500, "d"],
    ] as const) {
      now = time;
      report(line);
    }

    assert.deepEqual(lines, ["a", "c"]);
  });
});
