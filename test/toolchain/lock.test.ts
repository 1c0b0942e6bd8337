import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../local/toolchain/lock";

describe("Lock", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lock-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("lets one in at a time and tells the other that it waits", async () => {
    const file = join(folder, "deep", "lock");
    const events: string[] = [];
    let leave: () => void = () => undefined;
    const left = new Promise<void>((done) => (leave = done));
    const first = withLock(
      file,
      () => events.push("first waits"),
      async () => {
        events.push("first in");
        second = withLock(
          file,
          () => (events.push("second waits"), leave()),
          () => {
            events.push("second in");
            return Promise.resolve(2);
          },
        );
        await left;
        events.push("first out");
        return 1;
      },
    );
    let second: Promise<number> | undefined;

    assert.equal(await first, 1);
    assert.equal(await second, 2);
    assert.deepEqual(events, ["first in", "second waits", "first out", "second in"]);
  });

  it("is free again after a failure", async () => {
    const file = join(folder, "lock");
    await assert.rejects(
      withLock(file, assert.fail, () => Promise.reject(new Error("broken"))),
      /broken/,
    );

    await withLock(file, assert.fail, () => Promise.resolve());
  });

  it("is free again when its holder was killed", async () => {
    const file = join(folder, "lock");
    const module = JSON.stringify(join(__dirname, "../../local/toolchain/lock"));
    const script = `require(${module}).withLock(${JSON.stringify(file)}, () => {}, () => { console.log("in"); return new Promise(() => setInterval(() => {}, 1e6)); })`;
    const holder = spawn(process.execPath, ["--import", "tsx", "-e", script], { stdio: ["ignore", "pipe", "inherit"] });
    await once(holder.stdout, "data");
    holder.kill("SIGKILL");

    assert.equal(
      await withLock(
        file,
        () => undefined,
        () => Promise.resolve("mine"),
      ),
      "mine",
    );
  });
});
