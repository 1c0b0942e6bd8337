import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Service, ServiceManager, ServiceStatus } from "../../../../local/supervisor/service";

interface Running {
  readonly service: Service;
  child?: ChildProcess;
  startedAt: number;
  timer?: NodeJS.Timeout;
}

/** Keeps services as children of the test process, restarting what dies after a short pause. */
export class ChildServices implements ServiceManager {
  private readonly running = new Map<string, Running>();

  constructor(private readonly logs: string) {
    mkdirSync(logs, { recursive: true });
  }

  async declare(service: Service): Promise<void> {
    const existing = this.running.get(service.name);
    if (existing && JSON.stringify(existing.service) === JSON.stringify(service)) return;
    await this.remove(service.name);
    const entry: Running = { service, startedAt: 0 };
    this.running.set(service.name, entry);
    this.start(entry);
  }

  async remove(name: string): Promise<void> {
    const entry = this.running.get(name);
    this.running.delete(name);
    clearTimeout(entry?.timer);
    await end(entry?.child, "SIGTERM");
  }

  async restart(name: string): Promise<void> {
    await end(this.running.get(name)?.child, "SIGTERM");
  }

  status(): Promise<ServiceStatus[]> {
    return Promise.resolve(
      [...this.running.values()].map(({ service, child, startedAt }) => ({
        name: service.name,
        up: child?.exitCode === null && child.signalCode === null,
        ...(child?.pid === undefined ? {} : { pid: child.pid }),
        upSeconds: (Date.now() - startedAt) / 1000,
      })),
    );
  }

  logFile(name: string): string {
    return join(this.logs, `${name}.log`);
  }

  /** As if the machine had lost its power: nothing is told, nothing is started again. */
  async killAll(): Promise<void> {
    const entries = [...this.running.values()];
    this.running.clear();
    for (const { timer } of entries) clearTimeout(timer);
    await Promise.all(entries.map(({ child }) => end(child, "SIGKILL")));
  }

  private start(entry: Running): void {
    const { service } = entry;
    const log = openSync(this.logFile(service.name), "a");
    const [program, ...args] = service.command;
    if (program === undefined) throw new Error(`Service ${service.name} has no command.`);
    const child = spawn(program, args, {
      env: { ...service.environment },
      cwd: service.workingDirectory,
      stdio: ["ignore", log, log],
    });
    entry.child = child;
    entry.startedAt = Date.now();
    child.once("exit", () => {
      if (this.running.get(service.name) !== entry) return;
      entry.timer = setTimeout(() => this.start(entry), 200);
    });
  }
}

/** Ends a process and waits for it; one that ignores the signal for ten seconds is killed. */
function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    child.once("exit", () => {
      clearTimeout(timer);
      done();
    });
    child.kill(signal);
  });
}
