import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { isAlive } from "./process-alive";

/**
 * Keeps two commands that change the same instance apart; released when the process ends. A lock whose owner died
 * is taken over.
 * @throws Error naming the process that holds it.
 */
export function lockInstance(stateDir: string, command: string): () => void {
  mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  const file = join(stateDir, "lock");
  while (!take(file, command)) {
    const [pid, ...held] = readFileSync(file, "utf8").split(" ");
    if (isAlive(Number(pid))) {
      throw new Error(`"${held.join(" ")}" (process ${pid}) is at work on ${stateDir}. Wait for it, or end it first.`);
    }
    rmSync(file, { force: true });
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  return release;
}

/** Creates the lock file; false where there is one. */
function take(file: string, command: string): boolean {
  try {
    const handle = openSync(file, "wx", 0o600);
    writeSync(handle, `${process.pid} ${command}`);
    closeSync(handle);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
