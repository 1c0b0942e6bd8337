import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type PulumiResult, runPulumi } from "../../../local/engine/run";
import { objectStorageService } from "../../../local/scaleway/object-storage/backend";
import { installedTools } from "../../../local/toolchain/ensure-tools";
import type { Tools } from "../../../local/toolchain/tools";
import { TestScaleway } from "../../scaleway/support";

const PROGRAM = "program";

interface StackOptions {
  /** Part of the program: "foundation" or "cluster"; both by default. */
  readonly only?: "foundation" | "cluster";
  /** Folder beside this file that holds the program. */
  readonly program?: string;
  /** Milliseconds for which an answer waits for a settled state. */
  readonly hold?: number;
}

/** The real CLI and the real provider with a program of this folder, on a Scaleway of its own. */
export class ProviderStack {
  private constructor(
    readonly scaleway: TestScaleway,
    private readonly tools: Tools,
    private readonly backend: ChildProcess,
    private readonly program: string,
  ) {}

  static async start({ only, program: source = PROGRAM, hold = 10_000 }: StackOptions = {}): Promise<ProviderStack> {
    // Answers wait for settled states: the provider itself sleeps 5 s and more between its questions.
    const scaleway = await TestScaleway.start({ hold, retry: 1 });
    const tools = installedTools();
    const service = objectStorageService(scaleway.instance, tools);
    const [program = "", ...args] = service.command;
    const backend = spawn(program, args, { env: service.environment, stdio: "ignore" });
    // The engine writes a stack's settings beside its program.
    const copy = join(scaleway.instance.stateDir, "program");
    cpSync(join(__dirname, source), copy, { recursive: true });
    symlinkSync(join(__dirname, "..", "..", "..", "node_modules"), join(copy, "node_modules"));
    const stack = new ProviderStack(scaleway, tools, backend, copy);
    await stack.succeed("stack", "init", "test");
    await stack.configure("projectId", scaleway.instance.account.projectId);
    if (only) await stack.configure("only", only);
    return stack;
  }

  async stop(): Promise<void> {
    const gone = new Promise((done) => this.backend.once("exit", done));
    this.backend.kill();
    await gone;
    await this.scaleway.stop();
  }

  run(...args: string[]): Promise<PulumiResult> {
    const stack = args[0] === "stack" ? [] : ["--stack", "test"];
    return runPulumi(this.scaleway.instance, this.tools, [...args, ...stack, "--non-interactive"], {
      cwd: this.program,
    });
  }

  /** @returns what the CLI printed */
  async succeed(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args);
    if (exitCode !== 0) throw new Error(`pulumi ${args.join(" ")} ended with ${exitCode}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  configure = (key: string, value: string) => this.succeed("config", "set", key, value);

  up = (...args: string[]) => this.succeed("up", "--yes", "--skip-preview", ...args);
}
