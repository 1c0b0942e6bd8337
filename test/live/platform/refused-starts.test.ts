import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { interrupt, TestedStack } from "./support/local-stack";

const CLOUD = "Cloud: registry, buckets, identities, cluster";

const run = (program: string, ...args: string[]) => execFileSync(program, args, { encoding: "utf8" });

describe("A start on a machine that lacks something", () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "lacking-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  describe("a way to the registries", () => {
    const network = `no-route-${process.pid}`;
    before(() => {
      run("ip", "netns", "add", network);
      run("ip", "-n", network, "link", "set", "lo", "up");
    });
    after(() => run("ip", "netns", "del", network));

    it("says in one sentence what cannot be fetched, and changes nothing", async () => {
      const stack = new TestedStack(join(folder, "state"));

      const { exitCode, output } = await stack.commandWith(
        ["start"],
        // GOMODCACHE: what Go has here already is no question to its registry.
        { RECOMMENDER_CACHE: join(folder, "cache"), GOMODCACHE: join(folder, "modules"), RECOMMENDER_TOOLS: "" },
        [],
        ["ip", "netns", "exec", network],
      );

      assert.notEqual(exitCode, 0);
      const [sentence, ...others] = output.split("\n").filter((line) => line.includes("cannot be fetched"));
      assert.match(
        sentence ?? output,
        /^- What is missing here cannot be fetched: Go modules \(.+\); Debian packages \(.+\); Python packages \(.+\)\. Check the network/,
      );
      assert.deepEqual(others, []);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name !== "modules"),
        [],
        "neither an instance nor a cache was made",
      );
    });
  });

  describe("free addresses for its cluster", () => {
    const interfaceName = `taken-${process.pid}`;
    let stack: TestedStack;
    beforeEach(() => {
      run("ip", "link", "add", interfaceName, "type", "bridge");
      run("ip", "address", "add", "172.16.1.1/24", "dev", interfaceName);
      stack = new TestedStack(join(folder, "state"));
    });
    afterEach(async () => {
      await stack.remove();
      if (readdirSync("/sys/class/net").includes(interfaceName)) run("ip", "link", "delete", interfaceName);
    });

    it("says what keeps the cluster from starting, and goes on once that is taken away", async () => {
      const free = () => void run("ip", "link", "delete", interfaceName);
      const { output } = await stack.commandWith(["start"], {}, [
        { at: `172.16.0.0/22 of cluster`, act: free },
        { at: `${CLOUD}: done`, act: interrupt },
      ]);

      assert.match(output, new RegExp(`Cluster \\S+ does not start: .* in use on this machine by ${interfaceName}`));
      assert.match(output, new RegExp(`${CLOUD}: done`));
    });
  });

  describe("room on its disk", () => {
    const used = () => {
      const { blocks, bavail, bsize } = statfsSync(folder);
      return (blocks - bavail) * bsize;
    };
    /** Only the limit of the file system changes, as if others filled the disk and freed it again. */
    const limit = (bytes: number) => run("mount", "-o", `remount,size=${Math.ceil(bytes / 1024)}k`, "tmpfs", folder);
    let stack: TestedStack;

    beforeEach(() => {
      run("mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", folder);
      stack = new TestedStack(join(folder, "state"));
    });
    afterEach(async () => {
      await stack.remove();
      run("umount", folder);
    });

    it("is refused at once; one that fills up on the way is told, and goes on when there is room again", async () => {
      const refused = await stack.command(["start"]);
      assert.notEqual(refused.exitCode, 0);
      assert.match(refused.output, /has 0\.1 GB free, 3\.0 GB are needed\. .* set RECOMMENDER_STATE to/);
      assert.deepEqual(readdirSync(folder), [], "nothing was changed");

      limit(4e9);
      const fill = () => void limit(used() + 60e6);
      const filled = await stack.commandWith(["start"], {}, [{ at: `${CLOUD}\n`, act: fill }]);
      assert.notEqual(filled.exitCode, 0);
      assert.match(
        filled.output,
        /The disk of .* is full \(\d+ MB are left\): free some space, then npm start goes on/,
      );

      limit(4e9);
      const goesOn = await stack.command(["start"], {}, `${CLOUD}: done`);
      assert.match(goesOn.output, new RegExp(`${CLOUD}: done`));
      assert.equal((await stack.resources()).filter(isCluster).length, 1, "the cluster of before, or one in its place");
    });
  });
});

function isCluster(resource: unknown): boolean {
  return (resource as { kind: string }).kind === "cluster";
}
