import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../local/instance";

/** Requirements of the environment that has Kubeflow's SDK and client. */
export const KFP_REQUIREMENTS = join(__dirname, "kfp/requirements.txt");

/** Interpreter of a virtual environment that holds locked requirements; made once per content of the lock. */
export function pythonEnvironment(requirements: string): string {
  const version = spawnSync("python3", ["--version"], { encoding: "utf8" }).stdout;
  const key = createHash("sha256").update(readFileSync(requirements)).update(version).digest("hex").slice(0, 16);
  const folder = join(cacheDirectory(), "python", key);
  const python = join(folder, "venv/bin/python");
  if (existsSync(join(folder, "complete"))) return python;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  run("python3", ["-m", "venv", join(folder, "venv")]);
  run(python, ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", requirements]);
  renameSync(mkdtempSync(join(folder, "done-")), join(folder, "complete"));
  return python;
}

function run(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, { stdio: "inherit" });
  if (status !== 0)
    throw error ?? new Error(`${program} ${args.join(" ")} ended with ${status}; see its output above.`);
}
