import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";

/** One run of a Pulumi program, as the engine asks for it. */
export interface ProgramRun {
  /** Addresses (host:port) of the engine and of the monitor that resources are registered with. */
  readonly engine: string;
  readonly monitor: string;
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly dryRun: boolean;
  /** Resource operations at a time; 0 leaves it to the SDK. */
  readonly parallel: number;
  readonly config: Readonly<Record<string, string>>;
  /** Keys of `config` that hold secrets. */
  readonly configSecretKeys: readonly string[];
  readonly workingDirectory: string;
  /** Where Pulumi.yaml is. */
  readonly rootDirectory: string;
  readonly programDirectory: string;
  /** `main` of Pulumi.yaml, `.` where it has none. */
  readonly entryPoint: string;
  /** `runtime.options` of Pulumi.yaml. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly arguments: readonly string[];
}

export interface ProgramResult {
  /** Sentence for the user; undefined after a run without error, and after one that said by itself what was wrong. */
  readonly error?: string;
  /** The program has already told the user what was wrong. */
  readonly bail: boolean;
}

/** Exit status by which the SDK says that it has reported its errors itself (`cmd/run` of @pulumi/pulumi). */
const REPORTED = 32;

let running: ChildProcess | undefined;

/**
 * Runs the program in a Node process of its own through the SDK's `cmd/run`, as the official host does. Its output is
 * the output of this process, which the engine shows.
 *
 * @throws where the program's folder has no @pulumi/pulumi
 */
export async function runProgram(run: ProgramRun): Promise<ProgramResult> {
  const child = spawn(process.execPath, [...nodeArguments(run), sdkRunner(run), ...runnerArguments(run)], {
    cwd: run.programDirectory,
    env: { ...process.env, ...runnerEnvironment(run) },
    stdio: ["ignore", "inherit", "inherit"],
  });
  running = child;
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>((done, fail) => {
    child.once("error", fail);
    child.once("exit", (exitCode, exitSignal) => done({ code: exitCode, signal: exitSignal }));
  }).finally(() => (running = undefined));
  if (code === 0) return { bail: false };
  if (code === REPORTED) return { bail: true };
  return {
    bail: false,
    error: signal ? `Program was ended by ${signal}` : `Program exited with non-zero exit code: ${code}`,
  };
}

/** Ends the program under way, if there is one. */
export function stopProgram(): void {
  running?.kill("SIGKILL");
}

/** The SDK's own runner, from the program's node_modules. */
function sdkRunner(run: ProgramRun): string {
  try {
    return createRequire(join(run.programDirectory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    throw new Error(`${run.programDirectory} has no @pulumi/pulumi. Run "npm install" there.`);
  }
}

/** `runtime.options.nodeargs`, with which the official host starts Node. */
function nodeArguments({ options }: ProgramRun): string[] {
  const { nodeargs } = options;
  return typeof nodeargs === "string" ? nodeargs.split(/\s+/).filter((arg) => arg !== "") : [];
}

/** Arguments of the runner; empty ones are left out. */
export function runnerArguments(run: ProgramRun): string[] {
  const flags: Readonly<Record<string, string>> = {
    monitor: run.monitor,
    engine: run.engine,
    organization: run.organization,
    project: run.project,
    "root-directory": run.rootDirectory,
    stack: run.stack,
    pwd: run.workingDirectory,
    parallel: run.parallel > 0 ? String(run.parallel) : "",
  };
  return [
    ...Object.entries(flags).flatMap(([name, value]) => (value === "" ? [] : [`--${name}`, value])),
    ...(run.dryRun ? ["--dry-run"] : []),
    run.entryPoint === "" ? "." : run.entryPoint,
    ...run.arguments,
  ];
}

/** Configuration travels by the environment, so that no secret shows in the list of processes. */
export function runnerEnvironment(run: ProgramRun): Record<string, string> {
  const { typescript, tsconfig } = run.options;
  return {
    PULUMI_CONFIG: JSON.stringify(run.config),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(run.configSecretKeys),
    PULUMI_NODEJS_TYPESCRIPT: String(typescript !== false),
    ...(typeof tsconfig === "string" ? { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig } : {}),
  };
}
