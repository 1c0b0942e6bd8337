import { open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Task } from "../model";
import { logFile } from "./attempt-plan";

/** Text of all tries of a task; where there were several, each under a line of its own. */
export async function logOf(stateDirectory: string, task: Task): Promise<string> {
  const texts = await Promise.all(
    task.attempts.map(async (attempt, number) => {
      const text = await readFile(logFile(stateDirectory, task.runId, task.id, number), "utf8").catch(() => "");
      if (task.attempts.length === 1) return text;
      const head = `--- try ${number + 1} of ${task.attempts.length}${attempt.reason ? ` (${attempt.reason})` : ""}`;
      return `${head}\n${text.endsWith("\n") || text === "" ? text : `${text}\n`}`;
    }),
  );
  return texts.join("");
}

const TAIL_BYTES = 16 * 1024;

/** Last lines of the last try of a task. */
export async function tailOf(stateDirectory: string, task: Task, lines: number): Promise<string[]> {
  if (task.attempts.length === 0) return [];
  const file = await open(logFile(stateDirectory, task.runId, task.id, task.attempts.length - 1)).catch(
    () => undefined,
  );
  if (!file) return [];
  try {
    const { size } = await file.stat();
    const start = Math.max(0, size - TAIL_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer
      .toString("utf8", 0, bytesRead)
      .split("\n")
      .filter((line) => line.trim() !== "")
      .slice(-lines);
  } finally {
    await file.close();
  }
}

export async function removeLogs(stateDirectory: string, runId: string): Promise<void> {
  await rm(join(stateDirectory, "logs", runId), { recursive: true, force: true });
}
