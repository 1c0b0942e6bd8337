import { execFile, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, closeSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** Search path of the supervision programs, and the whole environment they run in. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Services (each counted with its logger) that one scanner accepts; it reserves memory for each. */
const MAX_SERVICES = 1000;

/** Exit code and output of one program of the s6 package; a missing package is an error with its remedy. */
export function s6(
  program: string,
  args: readonly string[],
): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((done, fail) => {
    execFile(program, args, { env: { PATH } }, (error, stdout, stderr) => {
      if (error && typeof error.code !== "number") {
        fail(
          error.code === "ENOENT"
            ? new Error(`${program} is not on this machine: install Debian's package s6 ("apt-get install s6").`)
            : new Error(`${program} ${args.join(" ")}: ${error.message}`),
        );
      } else done({ code: typeof error?.code === "number" ? error.code : 0, stdout, stderr });
    });
  });
}

/** As {@link s6}, where anything but exit code 0 is an error. */
export async function s6ok(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await s6(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(" ")} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}

/** Absolute path of a program of the s6 package, or of a shell tool. */
export function systemProgram(name: string): string {
  const found = PATH.split(":")
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
  if (!found) throw new Error(`${name} is not on this machine: install Debian's package s6 ("apt-get install s6").`);
  return found;
}

/** Starts s6-svscan in a session of its own, so that neither Ctrl-C nor a closed terminal reaches it. */
export function startScanner(scanDirectory: string, logFile: string): void {
  mkdirSync(scanDirectory, { recursive: true, mode: 0o700 });
  const log = openSync(logFile, "a", 0o600);
  const child = spawn(systemProgram("s6-svscan"), ["-c", String(MAX_SERVICES), scanDirectory], {
    cwd: "/",
    detached: true,
    // s6-log writes the time in the zone of its environment.
    env: { PATH, TZ: "UTC" },
    stdio: ["ignore", log, log],
  });
  closeSync(log);
  child.unref();
}

/** True while a scanner listens on the directory. */
export async function scannerAnswers(scanDirectory: string): Promise<boolean> {
  if (!existsSync(join(scanDirectory, ".s6-svscan", "control"))) return false;
  return (await s6("s6-svscanctl", ["-a", scanDirectory])).code === 0;
}

/** Processes that supervise or log a service below the directory; they keep it as their working directory. */
export function supervisingProcesses(directory: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      if (!pid) return false;
      try {
        const cwd = readlinkSync(`/proc/${pid}/cwd`);
        if (cwd !== directory && !cwd.startsWith(`${directory}/`)) return false;
        return /^s6-(supervise|svscan|log)\n$/.test(readFileSync(`/proc/${pid}/comm`, "utf8"));
      } catch {
        return false; // ended meanwhile
      }
    });
}

/** Sends a signal; a process that is gone already is what was wanted. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
