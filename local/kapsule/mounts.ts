import { mkdirSync, readFileSync } from "node:fs";
import { attempt, run } from "./command";

/** Mount points at or below a directory, deepest first. */
export function mountsBelow(directory: string, table = readFileSync("/proc/self/mountinfo", "utf8")): string[] {
  return table
    .split("\n")
    .map((line) => decode(line.split(" ")[4] ?? ""))
    .filter((point) => point === directory || point.startsWith(`${directory}/`))
    .reverse();
}

/** Shows a directory under a second path; where it is shown already, nothing happens. */
export async function bindMount(directory: string, target: string): Promise<void> {
  for (const path of [directory, target]) mkdirSync(path, { recursive: true, mode: 0o700 });
  if (!mountsBelow(target).includes(target)) await run("mount", ["--bind", directory, target]);
}

/** Unmounts all of them; one that is busy is detached, so that it goes with its last user. */
export async function unmountBelow(directory: string): Promise<void> {
  for (let round = 0; round < 5; round++) {
    const points = mountsBelow(directory);
    if (points.length === 0) return;
    for (const point of points) {
      if (!(await attempt("umount", [point]))) await attempt("umount", ["-l", point]);
    }
  }
  const left = mountsBelow(directory);
  if (left.length > 0) throw new Error(`${left.join(", ")} cannot be unmounted. Unmount it and repeat.`);
}

/** The kernel writes space, tab, newline and backslash as octal numbers. */
function decode(text: string): string {
  return text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
