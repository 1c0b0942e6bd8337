import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { descendants } from "../../local/cli/descendants";

describe("Descendants of a process", () => {
  const known = [
    { pid: 1, parent: 0, group: 1 },
    { pid: 10, parent: 1, group: 10 },
    { pid: 11, parent: 10, group: 10 },
    { pid: 12, parent: 11, group: 10 },
    { pid: 13, parent: 10, group: 13 },
    { pid: 14, parent: 13, group: 13 },
    { pid: 20, parent: 1, group: 10 },
  ];

  it("are those of its own group, however deep", () => {
    assert.deepEqual(descendants(10, 10, known), [11, 12]);
  });

  it("end with a start that is told to end", async () => {
    const source = `
      const { Interruption } = require("./local/cli/interruption");
      new Interruption();
      const { spawn } = require("node:child_process");
      spawn("sh", ["-c", "sleep 60; :"]).once("spawn", () => console.log("started"));
    `;
    const repository = join(__dirname, "..", "..");
    const start = spawn(process.execPath, ["--require", "tsx/cjs", "--eval", source], {
      cwd: repository,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(start.stdout, "data");
    start.kill("SIGTERM");

    // The pipe is closed once nobody writes to it any more: the child of the child has it too, as a shell's has.
    const [[code]] = (await Promise.all([once(start, "exit"), once(start, "close")])) as [[number], unknown];
    assert.equal(code, 143);
  });
});
