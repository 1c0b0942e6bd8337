import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  buildKey,
  type GoBuild,
  goArguments,
  JUDGE,
  LANES,
  MODULES,
  programsOf,
} from "../../local/toolchain/go-builds";
import { olderThan } from "../../local/toolchain/machine";
import { GO } from "../../local/toolchain/versions";

const builds = [...LANES.flat(), JUDGE];
const goMod = (module: string) => readFileSync(join(MODULES, module, "go.mod"), "utf8");
const one = (name: string): GoBuild => {
  const found = builds.find((build) => build.name === name);
  assert.ok(found, name);
  return found;
};

describe("Go builds", () => {
  for (const build of builds) {
    it(`pin ${build.name} ${build.version} in its module, checksum included`, () => {
      assert.match(goMod(build.module), new RegExp(` v${build.version.replaceAll(".", "\\.")}$`, "m"));
      assert.match(readFileSync(join(MODULES, build.module, "go.sum"), "utf8"), new RegExp(` v${build.version} h1:`));
    });
  }

  it("ask for the Go that the newest module asks for", () => {
    for (const { module } of builds) {
      const wanted = /^go (\S+)$/m.exec(goMod(module))?.[1];
      assert.ok(wanted && !olderThan(GO, wanted), `${module} wants Go ${wanted}`);
    }
  });

  it("bring each program once, under its own name", () => {
    const programs = builds.flatMap(programsOf);

    assert.equal(new Set(programs).size, programs.length);
    assert.deepEqual(programsOf(one("scaleway-provider")), ["terraform-provider-scaleway"]);
    assert.deepEqual(programsOf(one("etcd")), ["etcd"]);
    assert.deepEqual(programsOf(one("containerd")), ["containerd", "containerd-shim-runc-v2", "ctr"]);
  });

  it("never run two builds of one module side by side", () => {
    const lanes = LANES.map((lane) => new Set(lane.map(({ module }) => module)));

    assert.equal(
      new Set(lanes.flatMap((lane) => [...lane])).size,
      lanes.reduce((sum, { size }) => sum + size, 0),
    );
  });

  it("leave the checksum database on and the module files alone", () => {
    for (const build of builds) {
      const text = goArguments(build, "/out").join(" ");
      assert.ok(text.includes("-mod=readonly") && !/GOFLAGS|GONOSUM|insecure/.test(text), text);
    }
  });

  it("change their key with a checksum, a source of ours or a flag, and with nothing else", () => {
    const copy = mkdtempSync(join(tmpdir(), "modules-"));
    try {
      cpSync(MODULES, copy, { recursive: true });
      const [etcd, coredns] = [one("etcd"), one("coredns")];
      const before = [buildKey(etcd, copy), buildKey(coredns, copy)];
      assert.equal(before[0], buildKey(etcd));
      const source = join(copy, "cluster", "etcd", "main.go");
      writeFileSync(source, `${readFileSync(source, "utf8")}\n`);

      assert.notEqual(buildKey(etcd, copy), before[0]);
      assert.equal(buildKey(coredns, copy), before[1]);
      assert.notEqual(buildKey({ ...coredns, variables: { "main.v": "1" } }, copy), before[1]);
      const sums = join(copy, "cluster", "go.sum");
      writeFileSync(sums, readFileSync(sums, "utf8").slice(1));
      assert.notEqual(buildKey(coredns, copy), before[1]);
    } finally {
      rmSync(copy, { recursive: true });
    }
  });
});
