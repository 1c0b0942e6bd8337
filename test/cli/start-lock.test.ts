import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lockInstance } from "../../local/cli/start-lock";

describe("Lock of an instance", () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lock-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("refuses a second command and names the first", () => {
    const release = lockInstance(folder, "npm start");

    assert.throws(() => lockInstance(folder, "npm run reset"), {
      message: `"npm start" (process ${process.pid}) is at work on ${folder}. Wait for it, or end it first.`,
    });

    release();
    assert.equal(existsSync(join(folder, "lock")), false);
  });

  it("takes over from a command that died", () => {
    writeFileSync(join(folder, "lock"), "4194305 npm start");

    lockInstance(folder, "npm run reset")();
    const release = lockInstance(folder, "npm start");

    assert.equal(readFileSync(join(folder, "lock"), "utf8"), `${process.pid} npm start`);
    release();
  });
});
