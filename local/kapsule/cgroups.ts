import { existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

const ROOT = "/sys/fs/cgroup";

/**
 * The hierarchies of this machine: one with cgroup v2; one per controller, and those with a name only, with v1.
 * A machine with v1 may have a v2 hierarchy without controllers besides, in `unified`.
 */
export function hierarchies(root = ROOT): string[] {
  if (isUnified(root)) return [root];
  return readdirSync(root)
    .map((name) => join(root, name))
    .filter((path) => !lstatSync(path).isSymbolicLink() && existsSync(join(path, "cgroup.procs")));
}

const isUnified = (root: string): boolean => existsSync(join(root, "cgroup.controllers"));

/** Makes a node's cgroup, below which its kubelet puts all pods. */
export function createCgroup(name: string, root = ROOT): void {
  if (isUnified(root)) {
    // One by one: a controller that cannot be delegated must not keep the others back.
    for (const controller of readFileSync(join(root, "cgroup.controllers"), "utf8").split(/\s+/).filter(Boolean)) {
      attemptWrite(join(root, "cgroup.subtree_control"), `+${controller}`);
    }
  }
  for (const hierarchy of hierarchies(root)) {
    const directory = join(hierarchy, name);
    mkdirSync(directory, { recursive: true });
    // With v1, a new cpuset is empty, and no process may enter it.
    for (const file of ["cpuset.cpus", "cpuset.mems"]) {
      if (!isUnified(root) && existsSync(join(directory, file))) {
        writeFileSync(join(directory, file), readFileSync(join(hierarchy, file), "utf8"));
      }
    }
  }
}

/** Kills every process in a cgroup and below it, then removes it; gives up after `timeoutMs` with the process ids that stay. */
export async function removeCgroup(name: string, timeoutMs = 10_000, root = ROOT): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const groups = hierarchies(root).flatMap((hierarchy) => descendants(join(hierarchy, name)));
    const processes = processesInCgroup(name, root);
    for (const id of processes) kill(id);
    if (processes.length === 0 && groups.every(remove)) return;
    if (Date.now() > deadline) {
      throw new Error(`cgroup ${name} cannot be removed: processes ${processes.join(", ")} stay. End them and repeat.`);
    }
    await pause(25);
  }
}

/** Ids of the processes in a cgroup of ours and below it. */
export function processesInCgroup(name: string, root = ROOT): number[] {
  const groups = hierarchies(root).flatMap((hierarchy) => descendants(join(hierarchy, name)));
  return [...new Set(groups.flatMap(processesIn))];
}

/** The cgroup and all below it, deepest first. */
function descendants(directory: string): string[] {
  if (!existsSync(directory)) return [];
  const children = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((entry) => descendants(join(directory, entry.name))), directory];
}

function processesIn(directory: string): number[] {
  try {
    // 0 stands for a process of another process namespace, which is nobody's here.
    return readFileSync(join(directory, "cgroup.procs"), "utf8")
      .split("\n")
      .map(Number)
      .filter((id) => id > 0);
  } catch {
    return [];
  }
}

function kill(id: number): void {
  try {
    process.kill(id, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}

function remove(directory: string): boolean {
  try {
    rmdirSync(directory);
    return true;
  } catch {
    return !existsSync(directory);
  }
}

function attemptWrite(file: string, content: string): void {
  try {
    writeFileSync(file, content);
  } catch {
    // The kubelet says which controller it misses.
  }
}
