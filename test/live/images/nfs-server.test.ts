import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { imageTag } from "../../../images/tags";
import { buildLocalImages } from "../../../local/images/local-images";
import { cacheDirectory } from "../../../local/instance";
import { waitUntil } from "../../../local/wait-until";
import { ensureDebianPackages } from "../../../local/toolchain/ensure-tools";
import { ensureNfsClient } from "../../support/nfs-client";

const run = promisify(execFile);

/** The image run without privileges in a network of its own, spoken to by an NFS client that is not ours (libnfs). */
describe("NFS server image", function () {
  this.timeout("20m");
  const network = `nfs-test-${process.pid}`;
  const storage = join(cacheDirectory(), "images", "storage");
  const driver = ["--storage-driver", "overlay", "--storage-opt", "overlay.skip_mount_home=true"];
  const buildah = (...args: string[]) => [
    ...["buildah", "--root", join(storage, "root"), "--runroot", join(storage, "run"), ...driver],
    ...args,
  ];
  const inNetwork = (...command: string[]) => run("ip", ["netns", "exec", network, ...command]);
  const url = (path: string) => `nfs://127.0.0.1/export${path}?version=4`;
  let folder: string;
  let container: string;
  let stop: () => Promise<void> = () => Promise.resolve();

  before(async () => {
    await ensureDebianPackages(() => undefined);
    await ensureNfsClient();
    await buildLocalImages(cacheDirectory(), "buildah", (line) => console.log(`      ${line}`), ["nfs-server"]);
    folder = mkdtempSync(join(tmpdir(), "nfs-"));
    const exported = join(folder, "export");
    mkdirSync(exported);
    chmodSync(exported, 0o777);
    await run("ip", ["netns", "add", network]);
    await inNetwork("ip", "link", "set", "lo", "up");
    const image = `localhost/nfs-server:${imageTag("nfs-server")}`;
    container = (await run("sh", ["-c", 'exec "$@"', "sh", ...buildah("from", image)])).stdout.trim();
    const options = ["--isolation", "chroot", "--cap-add", "CAP_DAC_READ_SEARCH", "--volume", `${exported}:/export`];
    const command = buildah("run", ...options, container, "--", "/usr/local/bin/start-nfs-server");
    const server = spawn("ip", ["netns", "exec", network, ...command], { stdio: "ignore" });
    stop = async () => {
      // Only the server and what it started are in this network.
      const { stdout } = await run("ip", ["netns", "pids", network]);
      for (const pid of stdout.split("\n").filter(Boolean)) await run("kill", ["-KILL", pid]).catch(() => undefined);
      if (server.exitCode === null && server.signalCode === null) await once(server, "exit");
    };
    const answers = () =>
      inNetwork("nfs-ls", url("")).then(
        () => true,
        () => false,
      );
    assert.ok(await waitUntil(answers, 60_000), "the server answers");
  });

  after(async () => {
    await stop();
    await run("sh", ["-c", 'exec "$@"', "sh", ...buildah("rm", container)]);
    await run("ip", ["netns", "del", network]);
    rmSync(folder, { recursive: true });
  });

  it("serves what lies on the volume", async () => {
    writeFileSync(join(folder, "export", "hello.txt"), "hello", { mode: 0o644 });

    assert.equal((await inNetwork("nfs-cat", url("/hello.txt"))).stdout, "hello");
  });

  it("takes what a client writes, and makes its root nobody", async () => {
    const [source, target] = [join(folder, "source"), join(folder, "export", "written.txt")];
    writeFileSync(source, "written");
    await inNetwork("nfs-cp", source, url("/written.txt"));

    assert.equal(readFileSync(target, "utf8"), "written");
    assert.equal(statSync(target).uid, 65534);
  });

  it("exports nothing else", async () => {
    await assert.rejects(inNetwork("nfs-ls", "nfs://127.0.0.1/etc?version=4"));
    assert.ok(existsSync(join(folder, "export", ".nfs-recovery")), "recovery records lie on the volume");
  });
});
