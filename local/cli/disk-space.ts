import { statfsSync } from "node:fs";

/** Bytes below which a disk counts as full: enough is left to save the state of what is under way. */
const FULL_BYTES = 100e6;
const LOOK_MILLISECONDS = 1000;

/** Says which disk is full, and what to do about it; undefined while there is room on all. */
export function fullDisk(folders: readonly string[]): string | undefined {
  for (const folder of folders) {
    const { bavail, bsize } = statfsSync(folder);
    const free = bavail * bsize;
    if (free >= FULL_BYTES) continue;
    return `The disk of ${folder} is full (${Math.floor(free / 1e6)} MB are left): free some space, then npm start goes on from here.`;
  }
  return undefined;
}

/** Looks at the disks until it is stopped, and calls `full` while one is, at first with room enough to end in peace. */
export function watchDisks(folders: readonly string[], full: () => void): () => void {
  const timer = setInterval(() => {
    if (fullDisk(folders) !== undefined) full();
  }, LOOK_MILLISECONDS);
  return () => clearInterval(timer);
}
