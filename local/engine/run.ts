import { spawn, type ChildProcess } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import type { Instance } from "../instance";
import { installPlugins } from "../plugins/install";
import type { Tools } from "../toolchain/tools";
import { engineFiles, pulumiEnvironment } from "./environment";

export interface PulumiOptions {
  /** Folder of Pulumi.yaml; the repository by default. */
  readonly cwd?: string;
  /** Variables on top of those of the instance. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told each line of output as it comes. */
  readonly onLine?: (line: string, stream: "stdout" | "stderr") => void;
  /** Hand the terminal to the CLI instead of reading its output. */
  readonly interactive?: boolean;
  /** Ends the run as Ctrl-C does: the operation under way is finished or cancelled and the state saved. */
  readonly signal?: AbortSignal;
}

export interface PulumiResult {
  /** Exit status; 128 + n where signal n ended the CLI. */
  readonly exitCode: number;
  /** Empty for an interactive run. */
  readonly stdout: string;
  readonly stderr: string;
}

const REPOSITORY = join(__dirname, "..", "..");
const SIGNAL_NUMBERS: Readonly<Record<string, number>> = { SIGHUP: 1, SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/**
 * Runs the Pulumi CLI against an instance, with its plugins in place, and resolves when it has ended, whatever its exit
 * status.
 *
 * @throws when the CLI cannot be started or a plugin does not compile
 */
export async function runPulumi(
  instance: Instance,
  tools: Tools,
  args: readonly string[],
  options: PulumiOptions = {},
): Promise<PulumiResult> {
  await installPlugins(instance, engineFiles(instance).pulumiHome);
  const child = spawn(tools.pulumi, args, {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...pulumiEnvironment(instance, tools), ...options.environment },
    stdio: options.interactive ? "inherit" : ["ignore", "pipe", "pipe"],
    // A terminal sends Ctrl-C to the whole group, the caller sends it again, and a second one makes the CLI lose state.
    detached: options.signal !== undefined,
  });
  const interrupt = () => child.kill("SIGINT");
  options.signal?.addEventListener("abort", interrupt, { once: true });
  if (options.signal?.aborted) interrupt();
  try {
    const [stdout, stderr, exitCode] = await Promise.all([
      collect(child.stdout, (line) => options.onLine?.(line, "stdout")),
      collect(child.stderr, (line) => options.onLine?.(line, "stderr")),
      exitCodeOf(child),
    ]);
    return { exitCode, stdout, stderr };
  } finally {
    options.signal?.removeEventListener("abort", interrupt);
  }
}

async function collect(stream: Readable | null, onLine: (line: string) => void): Promise<string> {
  if (!stream) return "";
  const lines: string[] = [];
  for await (const line of createInterface({ input: stream })) {
    lines.push(line);
    onLine(line);
  }
  return lines.join("\n");
}

function exitCodeOf(child: ChildProcess): Promise<number> {
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code, signal) => done(code ?? 128 + (SIGNAL_NUMBERS[signal ?? ""] ?? 0)));
  });
}
