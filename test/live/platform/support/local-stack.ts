import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { type Instance, readInstance } from "../../../../local/instance";
import { type BooksChanges, withBooks } from "./changed-configuration";

const REPOSITORY = join(__dirname, "..", "..", "..", "..");

/** Something that happens once a text appears in the output of a command. */
export interface OutputEvent {
  readonly at: string;
  /** @param pid leader of the command's process group */
  readonly act: (pid: number) => void;
}

/** Ctrl-C: a terminal sends it to a whole group. */
export const interrupt = (pid: number): void => void process.kill(-pid, "SIGINT");

export interface CommandResult {
  readonly exitCode: number;
  /** Standard output and standard error as a terminal shows them. */
  readonly output: string;
}

/** A local stack of the test's own, driven as its users drive it: by commands. */
export class TestedStack {
  /** @param stateDir folder that a start makes where it is not there */
  constructor(readonly stateDir = mkdtempSync(join(tmpdir(), "platform-"))) {}

  /** The instance, once a start has made it. */
  get instance(): Instance {
    const instance = readInstance(this.stateDir);
    if (!instance) throw new Error(`${this.stateDir} holds no instance.`);
    return instance;
  }

  /**
   * Runs `npm run <command>` with more variables; resolves when it ends, whatever its exit status.
   * @param interruptAt text of the output at which Ctrl-C is pressed
   */
  command(
    args: readonly string[],
    environment: Readonly<Record<string, string>> = {},
    interruptAt?: string,
  ): Promise<CommandResult> {
    return this.commandWith(args, environment, interruptAt === undefined ? [] : [{ at: interruptAt, act: interrupt }]);
  }

  /** As {@link command}, with other things that happen, each once. */
  commandWith(
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
    events: readonly OutputEvent[],
    wrapper: readonly string[] = [],
  ): Promise<CommandResult> {
    const [program = "", ...words] = [...wrapper, join(REPOSITORY, "node_modules", ".bin", "tsx")];
    const child = spawn(program, [...words, "local/cli/main.ts", ...args], {
      cwd: REPOSITORY,
      env: { ...process.env, RECOMMENDER_STATE: this.stateDir, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    let output = "";
    const coming = new Set(events);
    const take = (text: Buffer): void => {
      output += text.toString();
      for (const event of [...coming].filter(({ at }) => output.includes(at))) {
        coming.delete(event);
        event.act(child.pid!);
      }
    };
    for (const stream of [child.stdout, child.stderr]) stream.on("data", take);
    return new Promise((done, fail) => {
      child.once("error", fail);
      child.once("close", (code) => done({ exitCode: code ?? 1, output }));
    });
  }

  /** Runs a command that must succeed; its output is in the failure otherwise. */
  async succeed(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const { exitCode, output } = await this.command(args, environment);
    if (exitCode !== 0) throw new Error(`"${args.join(" ")}" ended with ${exitCode}:\n${output}`);
    return output;
  }

  /** Deploys with other settings of the books recommender than the start wrote; nothing is kept of them. */
  async deployWith(books: BooksChanges): Promise<string> {
    const file = join(this.stateDir, "Pulumi.changed.yaml");
    const configuration = readFileSync(join(this.stateDir, "Pulumi.local.yaml"), "utf8");
    writeFileSync(file, withBooks(configuration, books), { mode: 0o600 });
    return this.succeed(["pulumi", "up", "--yes", "--skip-preview", "--stack", "local", "--config-file", file]);
  }

  /** One output of the program. */
  async output(name: string): Promise<string> {
    const printed = await this.succeed(["pulumi", "stack", "output", name, "--stack", "local"]);
    return printed.trim();
  }

  /** Reads objects of the cluster as kubectl prints them. */
  async objects<T>(...args: string[]): Promise<T[]> {
    const printed = await this.succeed(["kubectl", "get", ...args, "-o", "yaml"]);
    return (parse(printed) as { items: T[] }).items;
  }

  /** Everything that the emulated account holds. */
  async resources(): Promise<unknown[]> {
    const { ports, account } = this.instance;
    const answer = await fetch(`http://127.0.0.1:${ports.api}/_local/resources`, {
      headers: { "X-Auth-Token": account.secretKey },
    });
    return ((await answer.json()) as { resources: unknown[] }).resources;
  }

  log(component: string): string {
    return readFileSync(join(this.stateDir, "logs", component, "current"), "utf8");
  }

  async remove(): Promise<void> {
    await this.command(["reset"]);
    rmSync(this.stateDir, { recursive: true, force: true });
  }
}
