import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { engineFiles } from "../engine/environment";
import { runPulumi } from "../engine/run";
import type { Instance } from "../instance";
import type { Tools } from "../toolchain/tools";
import type { Interruption } from "./interruption";
import { isAlive } from "./process-alive";
import { REPOSITORY, STACK, STACK_FILE } from "./repository";
import { configurationFile, type MachineValues, writeConfiguration } from "./stack-configuration";

/** Outputs of the program that the command line speaks of. */
export interface StackOutputs {
  readonly booksUrl?: string;
  readonly irisUrl?: string;
  readonly namespace?: string;
  readonly registryEndpoint?: string;
}

/** The Pulumi stack `local` of one instance. */
export class LocalStack {
  constructor(
    private readonly instance: Instance,
    private readonly tools: Tools,
    private readonly onLine: (line: string) => void,
    private readonly interruption: Interruption,
  ) {}

  /** Makes the stack where there is none, writes its configuration, and takes a lock away whose holder died. */
  async prepare(machine: MachineValues): Promise<void> {
    const salt = this.exists() ? undefined : await this.create();
    writeConfiguration(STACK_FILE, this.instance.stateDir, machine, salt);
    await this.pulumi(["stack", "select", STACK], true);
    if (this.deadLocks()) await this.pulumi(["cancel", "--yes", "--stack", STACK], true);
  }

  /** Deploys the resources whose names match the wildcards, or all of them. */
  async up(targets: readonly string[] = []): Promise<void> {
    const selected = targets.flatMap((target) => ["--target", target]);
    await this.pulumi(["up", "--yes", "--skip-preview", "--suppress-outputs", "--suppress-progress", ...selected]);
  }

  async outputs(): Promise<StackOutputs> {
    const args = ["stack", "output", "--json", "--stack", STACK];
    const { exitCode, stdout, stderr } = await runPulumi(this.instance, this.tools, args);
    if (exitCode !== 0) throw new PulumiFailed(args, exitCode, stderr);
    return JSON.parse(stdout) as StackOutputs;
  }

  private exists(): boolean {
    return existsSync(join(this.stacks(), `${STACK}.json`));
  }

  private stacks(): string {
    return join(engineFiles(this.instance).backend, ".pulumi", "stacks", "recommender");
  }

  /**
   * Makes the stack in a folder of its own, because making one writes the salt of its secrets beside Pulumi.yaml, and
   * the repository's file is not this machine's to change.
   * @returns the salt
   */
  private async create(): Promise<string | undefined> {
    mkdirSync(this.instance.stateDir, { recursive: true });
    const folder = mkdtempSync(join(this.instance.stateDir, "new-stack-"));
    try {
      cpSync(join(REPOSITORY, "Pulumi.yaml"), join(folder, "Pulumi.yaml"));
      mkdirSync(join(folder, "stacks"));
      const args = ["stack", "init", STACK, "--secrets-provider", "passphrase", "--non-interactive"];
      const { exitCode, stderr } = await runPulumi(this.instance, this.tools, args, { cwd: folder });
      if (exitCode !== 0) throw new Error(`The stack "${STACK}" could not be made: ${stderr}`);
      const file = join(folder, "stacks", `Pulumi.${STACK}.yaml`);
      return (parse(readFileSync(file, "utf8")) as { encryptionsalt?: string }).encryptionsalt;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Is there a lock of a process that is gone? Commands of this instance exclude each other, so none is held now. */
  private deadLocks(): boolean {
    const folder = join(engineFiles(this.instance).backend, ".pulumi", "locks", "organization", "recommender", STACK);
    return existsSync(folder) && readdirSync(folder).some((file) => !isAlive(lockHolder(join(folder, file))));
  }

  private async pulumi(args: readonly string[], quiet = false): Promise<void> {
    const configuration = args[0] === "up" ? ["--config-file", configurationFile(this.instance.stateDir)] : [];
    const { exitCode, stdout, stderr } = await this.interruption.guard((signal) =>
      runPulumi(this.instance, this.tools, [...args, ...configuration, "--non-interactive"], {
        onLine: quiet ? undefined : this.onLine,
        signal,
      }),
    );
    if (exitCode !== 0) throw new PulumiFailed(args, exitCode, quiet ? `${stdout}\n${stderr}` : "");
  }
}

/** A Pulumi command ended with an error that it has printed itself. */
export class PulumiFailed extends Error {
  constructor(args: readonly string[], exitCode: number, output: string) {
    super(`\`pulumi ${args.join(" ")}\` ended with ${exitCode}. ${output}`.trim());
  }
}

function lockHolder(file: string): number {
  try {
    return (JSON.parse(readFileSync(file, "utf8")) as { pid: number }).pid;
  } catch {
    return 0;
  }
}
