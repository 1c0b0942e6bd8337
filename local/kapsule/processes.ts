import { readFileSync, readdirSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

/** Processes one of whose arguments begins with a path: how shims and plugins of a node are known when nobody else knows them. */
export function processesWithPath(path: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((name) => commandLine(name).some((argument) => argument === path || argument.startsWith(`${path}/`)))
    .map(Number);
}

/** Kills them, and those they start meanwhile, until none is left. */
export async function killProcessesWithPath(path: string, timeoutMs = 10_000): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = processesWithPath(path);
    if (found.length === 0) return;
    for (const id of found) {
      try {
        process.kill(id, "SIGKILL");
      } catch {
        // It ended by itself.
      }
    }
    if (Date.now() > deadline)
      throw new Error(`Processes ${found.join(", ")} of ${path} do not end. End them and repeat.`);
    await pause(25);
  }
}

function commandLine(id: string): string[] {
  try {
    return readFileSync(`/proc/${id}/cmdline`, "utf8").split("\0");
  } catch {
    return [];
  }
}
