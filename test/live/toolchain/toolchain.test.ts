import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureJudge, ensureTools, installedTools } from "../../../local/toolchain/ensure-tools";
import { JUDGE, LANES, MODULES, programsOf } from "../../../local/toolchain/go-builds";
import { lookAtMachine } from "../../../local/toolchain/machine";
import { findGo } from "../../../local/toolchain/programs";
import type { ToolName } from "../../../local/toolchain/tools";

const run = promisify(execFile);

describe("Toolchain on this machine", function () {
  this.timeout("90m");

  before("brings the tools", () => ensureTools((line) => console.log(`      ${line}`)));

  it("has every tool, and a second request changes nothing", async () => {
    const lines: string[] = [];
    const tools = await ensureTools((line) => lines.push(line));

    assert.deepEqual(tools, installedTools());
    assert.deepEqual(lines, []);
  });

  for (const build of LANES.flat().filter(({ versionArguments }) => versionArguments)) {
    for (const program of programsOf(build)) {
      it(`runs ${program} ${build.version}`, async () => {
        const { stdout, stderr } = await run(installedTools()[program as ToolName], [
          ...(build.versionArguments ?? []),
        ]);

        assert.ok(`${stdout}${stderr}`.split(/[^0-9.]+/).includes(build.version), stdout);
      });
    }
  }

  it(`brings and runs ${JUDGE.name} ${JUDGE.version} when a test asks for it`, async () => {
    const { stdout } = await run(await ensureJudge((line) => console.log(`      ${line}`)), ["version"]);

    assert.match(stdout, new RegExp(`version: ${JUDGE.version},`));
  });

  for (const build of [...LANES.flat(), JUDGE]) {
    it(`has the checksum of every module that ${build.name} is built from`, async () => {
      const go = findGo();
      assert.ok(go);
      const env = { ...process.env, GOTOOLCHAIN: "local", CGO_ENABLED: "0", GOFLAGS: "", GOWORK: "off" };
      const cwd = join(MODULES, build.module);
      const options = { cwd, env, maxBuffer: 64 << 20 };
      const { stdout } = await run(go, ["list", "-mod=readonly", "-deps", ...build.packages], options);

      assert.ok(stdout.split("\n").length > 100, "its packages are listed");
    });
  }

  it("sees a port that is taken", async () => {
    const { createServer } = await import("node:net");
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((done) => server.once("listening", done));
    const { port } = server.address() as { port: number };
    try {
      assert.deepEqual((await lookAtMachine("/tmp", [], { ports: [port] })).takenPorts, [port]);
    } finally {
      server.close();
    }
  });
});
