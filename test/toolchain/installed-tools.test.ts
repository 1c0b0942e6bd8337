import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildDirectory, LANES, programsOf } from "../../local/toolchain/go-builds";
import { installedTools } from "../../local/toolchain/ensure-tools";
import { linkBuild, missingBuilds } from "../../local/toolchain/build-tool";
import { missingPackages } from "../../local/toolchain/packages";
import { findProgram } from "../../local/toolchain/programs";
import { DEBIAN_PACKAGES } from "../../local/toolchain/versions";

describe("Installed tools", () => {
  const given = process.env["RECOMMENDER_TOOLS"];
  let cache: string;
  beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "tools-"));
    delete process.env["RECOMMENDER_TOOLS"];
  });
  afterEach(() => {
    rmSync(cache, { recursive: true });
    if (given) process.env["RECOMMENDER_TOOLS"] = given;
    else delete process.env["RECOMMENDER_TOOLS"];
  });

  it("names what is missing and how to get it", () => {
    assert.throws(
      () => installedTools(cache),
      /not on this machine: pulumi, terraform-provider-scaleway.*run "npm start"/,
    );
  });

  it("says so where the given folder lacks programs", () => {
    process.env["RECOMMENDER_TOOLS"] = cache;

    assert.throws(() => installedTools(cache), new RegExp(`RECOMMENDER_TOOLS \\(${cache}\\) lacks them`));
    assert.deepEqual(missingBuilds(cache), []);
  });

  it("counts a build as there only with each of its programs", () => {
    const containerd = LANES.flat().find(({ name }) => name === "containerd");
    assert.ok(containerd);
    const bin = join(buildDirectory(containerd, cache), "bin");
    mkdirSync(bin, { recursive: true });
    const [first = "", ...others] = programsOf(containerd);
    writeFileSync(join(bin, first), "");
    assert.ok(missingBuilds(cache).includes(containerd));
    for (const other of others) writeFileSync(join(bin, other), "");

    assert.ok(!missingBuilds(cache).includes(containerd));
  });

  it("takes a program of PATH until it is replaced", async () => {
    const etcd = LANES.flat().find(({ name }) => name === "etcd");
    assert.ok(etcd);
    const program = join(cache, "etcd");
    writeFileSync(program, "");
    await linkBuild(etcd, [["etcd", program]], cache, () => undefined);
    assert.ok(!missingBuilds(cache).includes(etcd));

    utimesSync(program, 1, 1);
    assert.ok(missingBuilds(cache).includes(etcd), "another file lies there now");
    await linkBuild(etcd, [["etcd", program]], cache, () => undefined);
    assert.ok(!missingBuilds(cache).includes(etcd));

    rmSync(program);
    assert.ok(missingBuilds(cache).includes(etcd), "it is gone");
  });

  it("lists only the Debian packages of which something is missing", () => {
    assert.deepEqual(
      missingPackages(() => true),
      [],
    );
    assert.deepEqual(
      missingPackages((thing) => thing !== "nft"),
      ["nftables"],
    );
    assert.equal(missingPackages(() => false).length, DEBIAN_PACKAGES.length);
  });

  it("finds programs on PATH before those in system folders, and no folder of that name", () => {
    mkdirSync(join(cache, "tar"));
    writeFileSync(join(cache, "sh"), "", { mode: 0o755 });

    assert.equal(findProgram("sh", cache), join(cache, "sh"));
    assert.notEqual(findProgram("tar", cache), join(cache, "tar"));
    assert.equal(findProgram("no-such-program", cache), undefined);
  });
});
