import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createCgroup, hierarchies, removeCgroup } from "../../local/kapsule/cgroups";
import { loopbackPrefix } from "../../local/kapsule/controllers-service";
import { corefile } from "../../local/kapsule/dns";
import { mountsBelow } from "../../local/kapsule/mounts";
import { ociArchive } from "../../local/kapsule/oci-archive";
import { pauseProgram } from "../../local/kapsule/pause-image";
import { Serial } from "../../local/kapsule/serial";
import { clusterSpec } from "../live/kapsule/support/specs";

describe("Parts of this machine", () => {
  let scratch: string;
  beforeEach(() => (scratch = mkdtempSync(join(tmpdir(), "kapsule-unit-"))));
  afterEach(() => rmSync(scratch, { recursive: true }));

  describe("the pause program", () => {
    it("runs on this machine and ends only when it is killed", function () {
      if (process.platform !== "linux" || process.arch !== "x64") this.skip();
      const program = join(scratch, "pause");
      writeFileSync(program, pauseProgram(), { mode: 0o755 });

      const { signal, status } = spawnSync(program, { timeout: 200, killSignal: "SIGKILL" });
      assert.deepEqual({ signal, status }, { signal: "SIGKILL", status: null });
    });

    it("is an archive that tar understands", () => {
      const archive = ociArchive({
        name: "example/pause:1",
        files: [{ path: "pause", content: pauseProgram(), mode: 0o755 }],
        entrypoint: ["/pause"],
      });
      const listed = spawnSync("tar", ["-t"], { input: archive, encoding: "utf8" });

      assert.equal(listed.status, 0, listed.stderr);
      assert.deepEqual(listed.stdout.trim().split("\n").slice(0, 2), ["oci-layout", "index.json"]);
      assert.equal(listed.stdout.match(/blobs\/sha256\/[0-9a-f]{64}/g)?.length, 3);
    });
  });

  describe("cgroups", () => {
    it("are made in every hierarchy of version 1, processors included", () => {
      for (const name of ["memory", "cpuset"]) {
        mkdirSync(join(scratch, name));
        writeFileSync(join(scratch, name, "cgroup.procs"), "");
      }
      mkdirSync(join(scratch, "not-a-hierarchy"));
      writeFileSync(join(scratch, "cpuset", "cpuset.cpus"), "0-3\n");
      // A kernel makes this file; here it shows that the group's own is written.
      mkdirSync(join(scratch, "cpuset", "kapsule-1"));
      writeFileSync(join(scratch, "cpuset", "kapsule-1", "cpuset.cpus"), "");

      createCgroup("kapsule-1", scratch);

      assert.deepEqual(hierarchies(scratch).sort(), [join(scratch, "cpuset"), join(scratch, "memory")]);
      assert.equal(readFileSync(join(scratch, "cpuset", "kapsule-1", "cpuset.cpus"), "utf8"), "0-3\n");
      assert.ok(existsSync(join(scratch, "memory", "kapsule-1")));
      assert.ok(!existsSync(join(scratch, "not-a-hierarchy", "kapsule-1")));
    });

    it("are delegated by version 2, and removed with what is below", async () => {
      writeFileSync(join(scratch, "cgroup.controllers"), "cpu memory pids\n");
      writeFileSync(join(scratch, "cgroup.subtree_control"), "");

      createCgroup("kapsule-1", scratch);
      mkdirSync(join(scratch, "kapsule-1", "kubepods", "burstable"), { recursive: true });
      assert.match(readFileSync(join(scratch, "cgroup.subtree_control"), "utf8"), /\+pids/);

      await removeCgroup("kapsule-1", 1000, scratch);
      assert.ok(!existsSync(join(scratch, "kapsule-1")));
    });

    it("that cannot be removed are named with the processes in them", async () => {
      writeFileSync(join(scratch, "cgroup.controllers"), "");
      mkdirSync(join(scratch, "kapsule-1"));
      // No process can have this id.
      writeFileSync(join(scratch, "kapsule-1", "cgroup.procs"), "4999999\n");

      await assert.rejects(
        removeCgroup("kapsule-1", 50, scratch),
        /cgroup kapsule-1 cannot be removed: processes 4999999 stay/,
      );
    });
  });

  it("finds mounts below a directory, deepest first, and not beside it", () => {
    const line = (point: string): string => `36 35 98:0 / ${point} rw,noatime - ext4 /dev/root rw`;
    const table = ["/", "/run/a", "/run/a/pods/with\\040space", "/run/ab"].map(line).join("\n");

    assert.deepEqual(mountsBelow("/run/a", table), ["/run/a/pods/with space", "/run/a"]);
  });

  it("answers DNS for Scaleway's endpoints with the edge, and asks others only where the machine can", () => {
    const text = corefile(clusterSpec(), "/kubeconfig", false);

    assert.match(text, /^s3\.fr-par\.scw\.cloud rg\.fr-par\.scw\.cloud api\.scaleway\.com \{/m);
    assert.match(text, /IN A 172\.16\.0\.1"/);
    assert.doesNotMatch(text, /forward/);
    assert.match(corefile(clusterSpec(), "/kubeconfig", true), /forward \. \/etc\/resolv\.conf/);
    assert.equal(text.match(/bind 172\.16\.0\.2/g)?.length, 3);
  });

  it("gives each cluster load balancer addresses of its own, outside of 127.0", () => {
    for (const id of ["a", "b", "c"]) assert.match(loopbackPrefix(id), /^127\.(1[6-9]|[2-9]\d|1\d\d|2[0-3]\d)\.$/);
    assert.equal(loopbackPrefix("a"), loopbackPrefix("a"));
    assert.notEqual(loopbackPrefix("a"), loopbackPrefix("b"));
  });

  it("does one thing after the other for one name, and goes on after a failure", async () => {
    const serial = new Serial();
    const order: string[] = [];
    const step = (name: string) => async (): Promise<void> => {
      order.push(`${name} begins`);
      await pause(5);
      order.push(`${name} ends`);
      if (name === "first") throw new Error("no");
    };
    const results = await Promise.allSettled([serial.run("a", step("first")), serial.run("a", step("second"))]);

    assert.deepEqual(order, ["first begins", "first ends", "second begins", "second ends"]);
    assert.deepEqual(
      results.map(({ status }) => status),
      ["rejected", "fulfilled"],
    );
  });
});
