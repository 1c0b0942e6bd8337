import { readdirSync, readFileSync } from "node:fs";

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
}

/**
 * Tells everything that this process started, directly or not, to end: builds have nobody to build for once it is gone.
 * What was put into a process group of its own (the supervisor, a lock's holder) looks after its end by itself.
 */
export function endDescendants(): void {
  const processes = readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? statusOf(Number(name)) : []));
  const group = processes.find(({ pid }) => pid === process.pid)?.group;
  for (const pid of descendants(process.pid, group, processes)) {
    try {
      process.kill(pid, "SIGTERM");
    } catch {
      // It ended meanwhile.
    }
  }
}

/** Processes of the group below a process, however deep. */
export function descendants(root: number, group: number | undefined, processes: readonly Process[]): number[] {
  const children = processes.filter(({ parent, group: its }) => parent === root && its === group);
  return children.flatMap(({ pid }) => [pid, ...descendants(pid, group, processes)]);
}

/** Fields of /proc/<pid>/stat; the name in parentheses may hold blanks and parentheses itself. */
function statusOf(pid: number): Process[] {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [, parent, group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return [{ pid, parent: Number(parent), group: Number(group) }];
  } catch {
    return []; // it ended while we looked
  }
}
