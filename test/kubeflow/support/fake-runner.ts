import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type {
  ContainerEnd,
  ContainerOrder,
  ContainerProgress,
  ContainerRunner,
} from "../../../local/kubeflow/jobs/container-runner";
import { OUTPUTS_PATH } from "../../../local/kubeflow/ir/read-platform";

/** What a fake container can do while it runs. */
export interface FakeContainer {
  readonly order: ContainerOrder;
  /** Words of command and arguments. */
  readonly words: readonly string[];
  /** Writes an output parameter. */
  output(name: string, text: string): void;
  /** Writes a file at a path of the container, below one of its mounts. */
  write(path: string, text: string): void;
  /** Path on this machine of a path of the container. */
  path(path: string): string;
  log(text: string): void;
}

type FakeEnd = Exclude<ContainerEnd, { kind: "succeeded" }>;
/** What containers do; a promise keeps one running. Nothing returned is success. */
export type FakeProgram = (
  container: FakeContainer,
) => FakeEnd | undefined | void | Promise<FakeEnd | undefined | void>;

/** A cluster without containers: Jobs are entries of a map, and their work is a function. */
export class FakeRunner implements ContainerRunner {
  /** Jobs that were started, in order. */
  readonly started: string[] = [];
  readonly orders: ContainerOrder[] = [];
  running = 0;
  /** Most that ran at the same time. */
  peak = 0;
  private readonly jobs = new Map<string, Promise<ContainerEnd>>();

  constructor(
    private readonly sharedDirectory: string,
    public program: FakeProgram,
  ) {}

  names(): Promise<readonly string[]> {
    return Promise.resolve([...this.jobs.keys()]);
  }

  exists(jobName: string): Promise<boolean> {
    return Promise.resolve(this.jobs.has(jobName));
  }

  async run(
    order: ContainerOrder,
    report: (progress: ContainerProgress) => void,
    signal: AbortSignal,
  ): Promise<ContainerEnd> {
    signal.throwIfAborted();
    const job = this.jobs.get(order.jobName) ?? this.start(order);
    report({ podName: `${order.jobName}-pod`, nodeName: "fake", containerStartedAt: Date.now() });
    return Promise.race([job, aborted(signal)]);
  }

  remove(jobName: string): Promise<void> {
    this.jobs.delete(jobName);
    return Promise.resolve();
  }

  private start(order: ContainerOrder): Promise<ContainerEnd> {
    this.started.push(order.jobName);
    this.orders.push(order);
    this.running++;
    this.peak = Math.max(this.peak, this.running);
    const job = this.work(order).finally(() => this.running--);
    this.jobs.set(order.jobName, job);
    return job;
  }

  private async work(order: ContainerOrder): Promise<ContainerEnd> {
    const path = (inside: string): string => {
      const mount = order.mounts.find(({ mountPath }) => inside.startsWith(`${mountPath}/`));
      if (!mount) throw new Error(`${inside} is not in the volume.`);
      return join(this.sharedDirectory, mount.subPath, inside.slice(mount.mountPath.length));
    };
    const write = (inside: string, text: string) => {
      mkdirSync(dirname(path(inside)), { recursive: true });
      writeFileSync(path(inside), text);
    };
    const end = await this.program({
      order,
      words: [...order.command, ...order.args],
      output: (name, text) => write(`${OUTPUTS_PATH}/${name}`, text),
      write,
      path,
      log: (text) => {
        mkdirSync(dirname(order.logFile), { recursive: true });
        writeFileSync(order.logFile, text, { flag: "a" });
      },
    });
    return end ?? { kind: "succeeded" };
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => signal.addEventListener("abort", () => fail(signal.reason as Error), { once: true }));
}
