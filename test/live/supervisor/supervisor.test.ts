import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { supervisingProcesses } from "../../../local/supervisor/s6";
import { waitUntil } from "../../../local/wait-until";
import type { Service } from "../../../local/supervisor/service";
import { Supervisor } from "../../../local/supervisor/supervisor";

describe("Supervisor", () => {
  let folder: string;
  let supervisor: Supervisor;

  const shell = (name: string, script: string, more: Partial<Service> = {}): Service => ({
    name,
    command: ["/bin/sh", "-c", script],
    environment: { PATH: "/usr/bin:/bin" },
    ...more,
  });
  const sleeper = (name: string) => shell(name, "echo ready; exec sleep 1000");
  const pidOf = async (name: string) => (await supervisor.status()).find((service) => service.name === name)?.pid;
  const alive = (pid: number) => existsSync(`/proc/${pid}/exe`);
  const log = (name: string) =>
    existsSync(supervisor.logFile(name)) ? readFileSync(supervisor.logFile(name), "utf8") : "";
  const logged = (name: string, text: string) => waitUntil(() => log(name).includes(text), 10_000);
  const started = async (name: string, not?: number): Promise<number> => {
    let pid: number | undefined;
    await waitUntil(async () => (pid = await pidOf(name)) !== undefined && pid !== not, 10_000);
    assert.ok(pid && pid !== not, `${name} is up`);
    return pid;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "supervisor-"));
    supervisor = new Supervisor({ stateDir: join(folder, "state"), runDir: join(folder, "run") });
    await supervisor.ensureRunning();
  });

  afterEach(async () => {
    await supervisor.stopAll();
    rmSync(folder, { recursive: true });
  });

  it("starts what is declared, once, and logs each line with its time", async () => {
    await supervisor.declare(sleeper("one"));
    const pid = await started("one");
    await supervisor.declare(sleeper("one"));

    assert.equal(await pidOf("one"), pid);
    assert.ok(await logged("one", "ready"));
    assert.match(log("one"), /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ {2}ready$/m);
  });

  it("hands over exactly the given environment, whatever is in it", async () => {
    const environment = { PATH: "/usr/bin:/bin", TRICKY: `it's "$HOME"`, EMPTY: "", LINES: "a\nb" };
    await supervisor.declare({
      name: "environment",
      command: ["/bin/sh", "-c", "env; echo end; exec sleep 1000"],
      environment,
    });

    assert.ok(await logged("environment", "end"));
    const lines = log("environment")
      .split("\n")
      .map((line) => line.slice(31));
    for (const line of [`TRICKY=it's "$HOME"`, "EMPTY=", "LINES=a", "b"]) assert.ok(lines.includes(line), line);
    assert.ok(!lines.some((line) => /^(HOME|TZ)=/.test(line)), "nothing is inherited");
  });

  it("restarts a service that was killed", async () => {
    await supervisor.declare(sleeper("one"));
    const pid = await started("one");
    process.kill(pid, "SIGKILL");

    await started("one", pid);
  });

  it("ends what a killed service had started before it starts the service again", async () => {
    await supervisor.declare(shell("parent", "sleep 1000 & echo child $!; wait"));
    assert.ok(await logged("parent", "child"));
    const child = Number(/child (\d+)/.exec(log("parent"))?.[1]);
    const pid = await started("parent");
    process.kill(pid, "SIGKILL");
    await started("parent", pid);

    assert.ok(!alive(child));
  });

  it("restarts a service whose definition changed", async () => {
    await supervisor.declare(sleeper("one"));
    const pid = await started("one");
    await supervisor.declare(shell("one", "echo changed; exec sleep 1000"));

    assert.ok(await logged("one", "changed"));
    assert.notEqual(await pidOf("one"), pid);
    assert.ok(!alive(pid));
  });

  it("restarts on request and refuses a name it does not know", async () => {
    await supervisor.declare(sleeper("one"));
    const pid = await started("one");
    await supervisor.restart("one");

    assert.notEqual(await started("one", pid), pid);
    await assert.rejects(supervisor.restart("two"), /no service "two" to restart; there are: one/);
  });

  it("removes a service that ignores SIGTERM after its grace time, and forgets it", async () => {
    await supervisor.declare(
      shell("deaf", "trap '' TERM; echo ready; while :; do sleep 1000; done", { graceSeconds: 0.2 }),
    );
    assert.ok(await logged("deaf", "ready"));
    const pid = await started("deaf");
    await supervisor.remove("deaf");
    await supervisor.remove("deaf");

    assert.ok(!alive(pid));
    assert.deepEqual(await supervisor.status(), []);
    assert.deepEqual(supervisingProcesses(folder).length, 1, "only the scanner is left");
  });

  it("outlives the program that started it, and the hang-up of its terminal", async () => {
    await supervisor.stopAll();
    const module = join(__dirname, "../../../local/supervisor/supervisor");
    const directories = { stateDir: join(folder, "state"), runDir: join(folder, "run") };
    const script = `new (require(${JSON.stringify(module)}).Supervisor)(${JSON.stringify(directories)}).ensureRunning().then(() => { console.log("up"); setInterval(() => {}, 1e6) })`;
    const starter = spawn(process.execPath, ["--import", "tsx", "-e", script], {
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(starter.stdout, "data");
    process.kill(-(starter.pid ?? 0), "SIGHUP");
    await once(starter, "exit");

    assert.ok(await supervisor.isRunning());
  });

  it("recovers from a killed s6-svscan with one process of each service", async () => {
    await supervisor.declare(sleeper("one"));
    const pid = await started("one");
    const scanner = supervisingProcesses(join(folder, "run", "scan"))[0];
    assert.ok(scanner);
    process.kill(scanner, "SIGKILL");
    await supervisor.ensureRunning();

    await started("one", pid);
    assert.ok(!alive(pid));
  });

  it("leaves no second process behind when an s6-supervise was killed", async () => {
    await supervisor.declare(sleeper("one"));
    const pid = await started("one");
    const keeper = supervisingProcesses(join(folder, "run", "services", "one")).find((candidate) =>
      readFileSync(`/proc/${pid}/stat`, "utf8").includes(`) S ${candidate} `),
    );
    assert.ok(keeper);
    process.kill(keeper, "SIGKILL");

    await started("one", pid);
    assert.ok(await waitUntil(() => !alive(pid), 10_000));
  });

  it("starts what was declared again after the run directory was lost", async () => {
    await supervisor.declare(sleeper("one"));
    const pid = await started("one");
    for (const process_ of supervisingProcesses(folder)) process.kill(process_, "SIGKILL");
    process.kill(pid, "SIGKILL");
    rmSync(join(folder, "run"), { recursive: true });
    await supervisor.ensureRunning();

    await started("one", pid);
  });

  it("ends every process and forgets every definition on stopAll", async () => {
    await Promise.all(["one", "two", "three"].map((name) => supervisor.declare(sleeper(name))));
    const pids = await Promise.all(["one", "two", "three"].map((name) => started(name)));
    await supervisor.stopAll();

    assert.deepEqual(pids.filter(alive), []);
    assert.deepEqual(supervisingProcesses(folder), []);
    assert.equal(await supervisor.isRunning(), false);
    await supervisor.ensureRunning();
    assert.deepEqual(await supervisor.status(), []);
  });

  it("names the program that is missing", async () => {
    const service: Service = { name: "ghost", command: ["/nowhere/ghost"], environment: {} };

    await assert.rejects(
      supervisor.declare(service),
      /"ghost" cannot start: its program \/nowhere\/ghost does not exist/,
    );
  });
});
