import { execFile } from "node:child_process";

/** Directories in which the programs of the operating system are (`ip`, `nft`, `mount`, `runc`). */
export const SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Environment of a service: nothing of the caller's leaks into it. */
export function serviceEnvironment(home: string, digest: string, path = SYSTEM_PATH): Record<string, string> {
  // The digest of the files that a service reads at its start: a changed file is a changed definition, and restarts it.
  return { PATH: path, HOME: home, CONFIGURATION_DIGEST: digest };
}

/** Runs a short command and gives back what it printed; a failure names the command, its status and its last words. */
export function run(
  program: string,
  args: readonly string[],
  options: { timeoutMs?: number; input?: string } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      [...args],
      {
        timeout: options.timeoutMs ?? 30_000,
        killSignal: "SIGKILL",
        maxBuffer: 16 * 1024 * 1024,
        env: { PATH: SYSTEM_PATH, HOME: "/root", LC_ALL: "C" },
      },
      (error, stdout, stderr) => {
        if (!error) return resolve(stdout);
        const words = stderr.trim().split("\n").slice(-3).join(" ") || error.message;
        reject(new Error(`\`${[program, ...args].join(" ")}\` failed: ${words}`));
      },
    );
    child.stdin?.on("error", () => undefined);
    child.stdin?.end(options.input ?? "");
  });
}

/** Like run, for clean-up that must go on: says whether it succeeded. */
export async function attempt(program: string, args: readonly string[], input?: string): Promise<boolean> {
  return run(program, args, { input }).then(
    () => true,
    () => false,
  );
}
