import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import { promisify } from "node:util";
import { withLock } from "./lock";
import { findProgram } from "./programs";
import type { Report } from "./progress";
import { DEBIAN_PACKAGES } from "./versions";

const run = promisify(execFile);

/** Debian packages of which something is not on this machine. */
export function missingPackages(has: (thing: string) => boolean = isThere): string[] {
  return DEBIAN_PACKAGES.filter(({ provides }) => !provides.every(has)).map(({ name }) => name);
}

function isThere(thing: string): boolean {
  return isAbsolute(thing) ? existsSync(thing) : findProgram(thing) !== undefined;
}

/**
 * Installs the Debian packages that are missing, and only those.
 * @throws Error with the last lines of apt where it fails
 */
export async function ensurePackages(report: Report, lockFile: string): Promise<void> {
  if (missingPackages().length === 0) return;
  await withLock(
    lockFile,
    () => report("waiting for another start that installs Debian packages"),
    async () => {
      const missing = missingPackages();
      if (missing.length === 0) return;
      report(`installing Debian packages: ${missing.join(", ")}`);
      await installPackages(missing);
      const still = missingPackages();
      if (still.length > 0) {
        throw new Error(`The Debian packages ${still.join(", ")} were installed, but their programs are not on PATH.`);
      }
    },
  );
}

/** Installs Debian packages. @throws Error with the last lines of apt where it fails */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if ((await apt(installation(packages))).ok) return;
  // A fresh machine has no package lists, or lists that name versions which are gone.
  const update = await apt(["update"]);
  const install = await apt(installation(packages));
  if (!install.ok) throw new Error(failure(packages, update.ok ? install.output : update.output));
}

function installation(packages: readonly string[]): string[] {
  return ["install", "--yes", "--no-install-recommends", ...packages];
}

function failure(packages: readonly string[], output: string): string {
  const lines = output
    .split("\n")
    .filter((line) => /^[EW]:/.test(line))
    .slice(0, 5);
  return `Debian packages cannot be installed (${packages.join(", ")}): ${lines.join(" ") || output.slice(-500)} Check the package sources with "apt-get update", then start again.`;
}

async function apt(args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  const options = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3", "-o", "APT::Sandbox::User=root"];
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C.UTF-8" };
  try {
    const { stdout, stderr } = await run("apt-get", [...options, ...args], { env, maxBuffer: 64 << 20 });
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    return { ok: false, output: stderr + stdout || message };
  }
}
