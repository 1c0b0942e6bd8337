import assert from "node:assert/strict";
import { findings, type MachineFacts, olderThan } from "../../local/toolchain/machine";

const ready: MachineFacts = {
  platform: "linux",
  architecture: "x64",
  userId: 0,
  go: "1.26.8",
  builds: ["pulumi", "etcd"],
  packages: ["s6"],
  apt: true,
  disks: [{ folder: "/cache", freeBytes: 100e9, neededBytes: 15e9, variables: ["RECOMMENDER_CACHE"] }],
  memoryBytes: 16e9,
  cgroups: ["cpu", "memory", "pids", "cpuset"],
  unreachable: [],
  takenPorts: [],
};
const cache = ready.disks[0]!;

describe("Machine check", () => {
  it("finds nothing on a machine that is fit", () => assert.deepEqual(findings(ready), []));

  it("asks for no Go once everything is built", () => {
    assert.deepEqual(findings({ ...ready, builds: [], go: undefined }), []);
  });

  for (const [what, change, message] of [
    ["another system", { platform: "darwin" }, /This machine is darwin on x64; .* needs Linux on x86-64/],
    ["another processor", { architecture: "arm64" }, /linux on arm64/],
    ["an ordinary user", { userId: 1000 }, /You are user 1000; .* sudo/],
    ["no Go", { go: undefined }, /no Go on PATH; pulumi, etcd are built with it. Install Go 1\.26\.3 or newer/],
    ["an old Go", { go: "1.24.4" }, /Go 1\.24\.4 is too old/],
    [
      "a full disk",
      { disks: [{ ...cache, freeBytes: 3e9 }] },
      /\/cache has 3\.0 GB free, 15\.0 GB are needed.*RECOMMENDER_CACHE/,
    ],
    ["too little memory", { memoryBytes: 2 ** 31 }, /has 2\.0 GiB of memory/],
    ["no cgroups", { cgroups: ["cpu"] }, /controllers memory, pids are not mounted/],
    [
      "registries out of reach",
      { unreachable: ["Go modules (no route)", "Debian packages (deb.debian.org: ENOTFOUND)"] },
      /cannot be fetched: Go modules \(no route\); Debian packages \(deb\.debian\.org: ENOTFOUND\)\. Check the network/,
    ],
    ["a taken port", { takenPorts: [4711] }, /uses port 4711 of 127\.0\.0\.1/],
    ["packages without apt", { apt: false }, /missing and there is no apt-get to install them: s6/],
  ] as const) {
    it(`names ${what} and the remedy`, () => {
      const found = findings({ ...ready, ...change });

      assert.equal(found.length, 1);
      assert.match(found[0] ?? "", message);
    });
  }

  it("names all that is wrong at once", () => {
    assert.equal(
      findings({ ...ready, userId: 1000, go: undefined, disks: [{ ...cache, freeBytes: 0 }], takenPorts: [1, 2] })
        .length,
      4,
    );
  });

  for (const [left, right, older] of [
    ["1.26.2", "1.26.3", true],
    ["1.9.9", "1.26.3", true],
    ["1.26.3", "1.26.3", false],
    ["1.27", "1.26.3", false],
    ["2.0.0", "1.26.3", false],
  ] as const) {
    it(`counts ${left} ${older ? "" : "not "}older than ${right}`, () => assert.equal(olderThan(left, right), older));
  }
});
