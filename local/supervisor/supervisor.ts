import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../instance";
import { writeWhole } from "../whole-file";
import { s6, s6ok, scannerAnswers, signal, startScanner, supervisingProcesses, systemProgram } from "./s6";
import { waitUntil } from "../wait-until";
import type { Service, ServiceManager, ServiceStatus } from "./service";
import { checkService, DEFAULT_GRACE_SECONDS, fingerprint, writeServiceDirectory } from "./service-files";

/** Milliseconds that the supervision programs themselves are given to answer. */
const PATIENCE = 10_000;

/**
 * Services of one instance under s6 (Debian's package `s6`): a supervisor of a few kilobytes per service that needs
 * no init system, restarts within a second, rotates logs, and never signals by name.
 *
 * `<runDir>/services` holds what runs now, `<runDir>/scan` the links that s6-svscan follows, `<stateDir>/services`
 * the definitions, so that after a reboot (which empties `/run`) all of it is started again.
 */
export class Supervisor implements ServiceManager {
  private readonly scan: string;
  private readonly services: string;
  private readonly definitions: string;
  private readonly logs: string;
  private readonly stopping: string;
  private readonly queues = new Map<string, Promise<unknown>>();

  constructor({ stateDir, runDir }: Pick<Instance, "stateDir" | "runDir">) {
    this.scan = join(runDir, "scan");
    this.services = join(runDir, "services");
    this.definitions = join(stateDir, "services");
    this.logs = join(stateDir, "logs");
    this.stopping = join(runDir, "stopping");
  }

  /** Starts the supervisor where it is not running, and with it every service that was declared and not removed. */
  async ensureRunning(): Promise<void> {
    for (const directory of [this.scan, this.services, this.definitions, this.logs]) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    rmSync(this.stopping, { force: true });
    if (!(await scannerAnswers(this.scan))) {
      // A killed s6-svscan leaves its children running where a new one cannot reach them.
      await this.endSupervision();
      startScanner(this.scan, join(this.logs, "supervisor.log"));
      if (!(await waitUntil(() => scannerAnswers(this.scan), PATIENCE))) {
        throw new Error(`The supervisor s6-svscan did not start; ${join(this.logs, "supervisor.log")} says why.`);
      }
    }
    await Promise.all(this.kept().map((service) => this.declare(service)));
  }

  /** True while the supervisor answers. */
  isRunning(): Promise<boolean> {
    return scannerAnswers(this.scan);
  }

  async declare(service: Service): Promise<void> {
    checkService(service);
    return this.inTurn(service.name, async () => {
      if (existsSync(this.stopping)) {
        throw new Error(`Service "${service.name}" is not started: the local stack is being stopped.`);
      }
      const directory = join(this.services, service.name);
      const wanted = fingerprint(service);
      const current = readIfThere(join(directory, "fingerprint"));
      const linked = existsSync(join(this.scan, service.name));
      if (current !== wanted) {
        this.keep(service);
        if (linked) await this.down(service.name);
        writeServiceDirectory(service, directory, join(this.logs, service.name), systemProgram("s6-envdir"));
      }
      if (!linked) await this.link(service.name);
      await s6ok("s6-svc", ["-u", "-wu", "-T", String(PATIENCE), directory]);
    });
  }

  remove(name: string): Promise<void> {
    return this.inTurn(name, async () => {
      rmSync(join(this.definitions, `${name}.json`), { force: true });
      const directory = join(this.services, name);
      if (existsSync(join(this.scan, name))) {
        await this.down(name);
        const { code, stderr } = await s6("s6-svunlink", ["-t", String(PATIENCE), this.scan, name]);
        if (code !== 0) throw new Error(`Service "${name}" stopped, but its supervisor did not end: ${stderr.trim()}`);
        await waitUntil(() => supervisingProcesses(directory).length === 0, PATIENCE);
      }
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    });
  }

  restart(name: string): Promise<void> {
    return this.inTurn(name, async () => {
      if (!existsSync(join(this.scan, name))) {
        throw new Error(`There is no service "${name}" to restart; there are: ${this.names().join(", ") || "none"}.`);
      }
      await this.down(name);
      await s6ok("s6-svc", ["-u", "-wu", "-T", String(PATIENCE), join(this.services, name)]);
    });
  }

  async status(): Promise<ServiceStatus[]> {
    return Promise.all(
      this.names().map(async (name) => {
        const fields = ["-o", "up,pid,updownfor", join(this.services, name)];
        const { code, stdout } = await s6("s6-svstat", fields);
        const [up, pid, seconds] = stdout.trim().split(" ");
        return code === 0 && up === "true"
          ? { name, up: true, pid: Number(pid), upSeconds: Number(seconds) }
          : { name, up: false, upSeconds: 0 };
      }),
    );
  }

  logFile(name: string): string {
    return join(this.logs, name, "current");
  }

  /**
   * Ends every service and the supervisor itself, and forgets the definitions; resolves once no process is left.
   * A program that ignores SIGTERM is killed after its grace time.
   */
  async stopAll(): Promise<void> {
    mkdirSync(this.services, { recursive: true, mode: 0o700 });
    writeFileSync(this.stopping, "");
    await Promise.all([...this.queues.values()].map((turn) => turn.catch(() => undefined)));
    const names = this.names();
    if (await scannerAnswers(this.scan)) {
      await Promise.all(names.map((name) => this.down(name)));
      await s6("s6-svscanctl", ["-t", this.scan]);
    }
    await this.endSupervision();
    rmSync(this.definitions, { recursive: true, force: true });
    for (const directory of [this.scan, this.services])
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    rmSync(this.stopping, { force: true });
  }

  private names(): string[] {
    return existsSync(this.scan)
      ? readdirSync(this.scan)
          .filter((name) => !name.startsWith("."))
          .sort()
      : [];
  }

  /** Operations on one service happen one after the other, on different ones side by side. */
  private inTurn(name: string, action: () => Promise<void>): Promise<void> {
    const turn = (this.queues.get(name) ?? Promise.resolve()).then(action, action);
    this.queues.set(name, turn);
    const leave = () => {
      if (this.queues.get(name) === turn) this.queues.delete(name);
    };
    turn.then(leave, leave);
    return turn;
  }

  private async link(name: string): Promise<void> {
    const directory = join(this.services, name);
    const { code, stderr } = await s6("s6-svlink", ["-f", "-t", String(PATIENCE), this.scan, directory]);
    if (code !== 0) {
      throw new Error(
        `Service "${name}" was not taken over by the supervisor (start the local stack first): ${stderr.trim()}`,
      );
    }
  }

  /** SIGTERM, then SIGKILL after the grace time (file timeout-kill); resolves once the process is gone. */
  private async down(name: string): Promise<void> {
    const directory = join(this.services, name);
    const grace = Number(readIfThere(join(directory, "timeout-kill")) ?? DEFAULT_GRACE_SECONDS * 1000);
    const { code, stderr } = await s6("s6-svc", ["-d", "-wD", "-T", String(grace + PATIENCE), directory]);
    if (code !== 0 && (await s6("s6-svok", [directory])).code === 0) {
      throw new Error(`Service "${name}" did not end within ${(grace + PATIENCE) / 1000} s: ${stderr.trim()}`);
    }
  }

  /** Ends supervising processes that no scanner looks after; SIGTERM lets each take its service down with it. */
  private async endSupervision(): Promise<void> {
    const left = () => [...supervisingProcesses(this.services), ...supervisingProcesses(this.scan)];
    for (const pid of left()) signal(pid, "SIGTERM");
    if (await waitUntil(() => left().length === 0, PATIENCE)) return;
    for (const pid of left()) signal(pid, "SIGKILL");
    await waitUntil(() => left().length === 0, PATIENCE);
  }

  private keep(service: Service): void {
    const file = join(this.definitions, `${service.name}.json`);
    mkdirSync(this.definitions, { recursive: true, mode: 0o700 });
    writeWhole(file, JSON.stringify(service));
  }

  private kept(): Service[] {
    return readdirSync(this.definitions)
      .filter((file) => file.endsWith(".json"))
      .map((file) => JSON.parse(readFileSync(join(this.definitions, file), "utf8")) as Service);
  }
}

function readIfThere(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}
