import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { LocalWorkspace, PulumiCommand, type EngineEvent, type OpMap, type Stack } from "@pulumi/pulumi/automation";
import { installPlugins } from "../../../../local/plugins/install";
import { ensureInstance } from "../../../../local/instance";
import { installedTools } from "../../../../local/toolchain/ensure-tools";

const PROJECT = "plugin-test";

/** Builds resources of a test with the provider handed in. */
export type Program = (provider: kubernetes.Provider) => Record<string, pulumi.Input<unknown>> | void;

export interface Outcome {
  /** All that the CLI printed. */
  readonly output: string;
  /** How many resources were created, updated, replaced, deleted or stayed the same; stack and provider included. */
  readonly changes: OpMap;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** A Pulumi home with our plugins and the real CLI, and an empty backend, in a folder of its own. */
export class Engine {
  private constructor(
    private readonly directory: string,
    private readonly command: PulumiCommand,
  ) {}

  static async start(): Promise<Engine> {
    const directory = mkdtempSync(join(tmpdir(), "plugins-kubernetes-"));
    const instance = await ensureInstance(join(directory, "state"));
    await installPlugins({ ...instance, cacheDir: join(directory, "cache") }, join(directory, "home"));
    rmSync(instance.runDir, { recursive: true, force: true });
    // The automation API looks for the CLI in `bin` of a folder.
    for (const folder of ["bin", "backend", "work"]) mkdirSync(join(directory, folder));
    symlinkSync(installedTools().pulumi, join(directory, "bin", "pulumi"));
    return new Engine(directory, await PulumiCommand.get({ root: directory, skipVersionCheck: true }));
  }

  stop(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A new stack whose provider is configured by these arguments. */
  async stack(name: string, args: () => kubernetes.ProviderArgs): Promise<TestStack> {
    const stack = await LocalWorkspace.createStack(
      { stackName: name, projectName: PROJECT, program: () => Promise.resolve() },
      {
        pulumiCommand: this.command,
        pulumiHome: join(this.directory, "home"),
        workDir: mkdtempSync(join(this.directory, "work", `${name}-`)),
        envVars: {
          PULUMI_BACKEND_URL: `file://${join(this.directory, "backend")}`,
          PULUMI_CONFIG_PASSPHRASE: "test",
          PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
          PULUMI_SKIP_UPDATE_CHECK: "true",
        },
      },
    );
    const stateFile = join(this.directory, "backend", ".pulumi", "stacks", PROJECT, `${name}.json`);
    return new TestStack(stack, args, stateFile);
  }
}

/** One stack; each operation runs the real CLI. */
export class TestStack {
  /** Passing messages of the updates so far. */
  readonly progress: string[] = [];

  constructor(
    private readonly stack: Stack,
    private readonly args: () => kubernetes.ProviderArgs,
    private readonly stateFile: string,
  ) {}

  async preview(program: Program): Promise<Outcome> {
    const lines: string[] = [];
    const options = { program: this.bound(program), onOutput: (text: string) => lines.push(text), diff: true };
    const { changeSummary } = await onFreshConnection(() => this.stack.preview(options));
    return { output: lines.join(""), changes: changeSummary, outputs: {} };
  }

  async up(program: Program, options: { expectNoChanges?: boolean } = {}): Promise<Outcome> {
    const onEvent = ({ diagnosticEvent }: EngineEvent) => {
      if (diagnosticEvent?.ephemeral) this.progress.push(diagnosticEvent.message);
    };
    const result = await onFreshConnection(() => this.stack.up({ program: this.bound(program), onEvent, ...options }));
    const outputs = Object.entries(result.outputs).map(([key, { value }]) => [key, value as unknown]);
    const changes = result.summary.resourceChanges ?? {};
    return {
      output: result.stdout + result.stderr,
      changes,
      outputs: Object.fromEntries(outputs) as Outcome["outputs"],
    };
  }

  /** The error of an `up` that must fail: everything that the CLI printed. */
  async failingUp(program: Program): Promise<string> {
    try {
      await this.up(program);
    } catch (error) {
      return (error as Error).message;
    }
    throw new Error("The update succeeded and should have failed.");
  }

  async refresh(): Promise<Outcome> {
    const { stdout, stderr, summary } = await this.stack.refresh();
    return { output: stdout + stderr, changes: summary.resourceChanges ?? {}, outputs: {} };
  }

  async destroy(): Promise<void> {
    await this.stack.destroy();
  }

  /** The state as it lies on the disk; an export would decrypt its secrets. */
  state(): string {
    return readFileSync(this.stateFile, "utf8");
  }

  /** Sets variables for the operations to come. */
  setEnvironment(variables: Record<string, string>): void {
    this.stack.workspace.envVars = { ...this.stack.workspace.envVars, ...variables };
  }

  private bound(program: Program) {
    return () => {
      const provider = new kubernetes.Provider("cluster", this.args());
      return Promise.resolve(program(provider) ?? {});
    };
  }
}

/**
 * Programs of this process share connections by address: an engine that was given the port of an earlier one is taken
 * for dead before anything was asked of it, and then only.
 */
async function onFreshConnection<T>(operation: () => Promise<T>): Promise<T> {
  try {
    return await operation();
  } catch (error) {
    if (!/UNAVAILABLE: No connection established\. Last error: null/.test((error as Error).message)) throw error;
    return operation();
  }
}
