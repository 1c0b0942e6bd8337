import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { EventLog } from "../../local/scaleway/server/events";

describe("The log of calls", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "events-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const call = { operation: "k8s.GetPool", method: "GET", path: "/", status: 200, milliseconds: 1, principal: "owner" };
  const sequences = (file: string) =>
    readFileSync(file, "utf8")
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { sequence: number }).sequence);

  it("puts a full file aside while it runs, and keeps one", () => {
    const file = join(folder, "events.jsonl");
    const log = new EventLog(file, 300);

    for (let count = 0; count < 7; count++) log.add(call);

    assert.deepEqual([sequences(`${file}.1`), sequences(file)], [[4, 5, 6], [7]]);
  });
});
