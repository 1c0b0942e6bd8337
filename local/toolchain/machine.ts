import { execFile } from "node:child_process";
import { existsSync, readFileSync, statfsSync, statSync } from "node:fs";
import { createServer } from "node:net";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory, stateDirectory } from "../instance";
import { missingBuilds } from "./build-tool";
import type { GoBuild } from "./go-builds";
import { missingPackages } from "./packages";
import { findGo, findProgram } from "./programs";
import { unreachableRegistries } from "./registries";
import { GO } from "./versions";

const run = promisify(execFile);

/** Bytes of the cache that a first start needs: Go's caches 12 GB, tools and images 3 GB; and that a later one needs. */
const FIRST_CACHE_BYTES = 15e9;
const LATER_CACHE_BYTES = 1e9;
/** Bytes of a new state: images in the registry and unpacked on each node, logs, data; and of one that is there. */
const FIRST_STATE_BYTES = 3e9;
const LATER_STATE_BYTES = 0.5e9;

/** Bytes of memory below which the linker of the largest tool is killed. */
const MEMORY_BYTES = 5.5e9;

/** What is known of a machine before anything on it is changed. */
export interface MachineFacts {
  readonly platform: string;
  readonly architecture: string;
  readonly userId: number | undefined;
  /** `1.26.8`, undefined where there is no Go. */
  readonly go: string | undefined;
  /** Builds that are still to be made. */
  readonly builds: readonly string[];
  /** Debian packages that are still to be installed. */
  readonly packages: readonly string[];
  readonly apt: boolean;
  /** Folders that are filled, those of one file system as one. */
  readonly disks: readonly Disk[];
  readonly memoryBytes: number;
  /** cgroup controllers that can be used by processes of ours. */
  readonly cgroups: readonly string[];
  /** Registries that a start will fetch from and that do not answer, each with the reason. */
  readonly unreachable: readonly string[];
  readonly takenPorts: readonly number[];
}

/** Room for what a start writes. */
export interface Disk {
  readonly folder: string;
  readonly freeBytes: number;
  readonly neededBytes: number;
  /** Variables that put what is written elsewhere. */
  readonly variables: readonly string[];
}

/** What the machine is wanted for. */
export interface Purpose {
  /** TCP ports of 127.0.0.1 that must be free; none while the stack is running. */
  readonly ports?: readonly number[];
  /** Whether the stack is to run, with its images, and not only to be prepared. */
  readonly stack?: boolean;
}

/** Everything that keeps this machine from running the local stack; each finding with its remedy. */
export function findings(facts: MachineFacts): string[] {
  const found: string[] = [];
  const building = facts.builds.length > 0;
  if (facts.platform !== "linux" || facts.architecture !== "x64") {
    const machine = `${facts.platform} on ${facts.architecture}`;
    found.push(
      `This machine is ${machine}; the local stack needs Linux on x86-64. Use a Debian 12 machine or virtual machine.`,
    );
    return found;
  }
  if (facts.userId !== 0) {
    found.push(
      `You are user ${facts.userId}; nodes, networks and mounts need root. Start again with sudo -E, or as root.`,
    );
  }
  if (facts.packages.length > 0 && !facts.apt) {
    const packages = facts.packages.join(", ");
    found.push(
      `These Debian packages are missing and there is no apt-get to install them: ${packages}. Install their programs.`,
    );
  }
  if (building && !facts.go) {
    found.push(`There is no Go on PATH; ${facts.builds.join(", ")} are built with it. Install Go ${GO} or newer.`);
  } else if (building && facts.go && olderThan(facts.go, GO)) {
    found.push(
      `Go ${facts.go} is too old for ${facts.builds.join(", ")}. Install Go ${GO} or newer and put it first on PATH.`,
    );
  }
  for (const { folder, freeBytes, neededBytes, variables } of facts.disks) {
    if (freeBytes >= neededBytes) continue;
    const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
    found.push(
      `${folder} has ${gigabytes(freeBytes)} free, ${gigabytes(neededBytes)} are needed. Free some, or set ${variables.join(" or ")} to a folder on a larger disk.`,
    );
  }
  if (facts.memoryBytes < MEMORY_BYTES) {
    found.push(
      `This machine has ${(facts.memoryBytes / 2 ** 30).toFixed(1)} GiB of memory, 6 GiB are needed. Give it more.`,
    );
  }
  const missing = ["cpu", "memory", "pids"].filter((controller) => !facts.cgroups.includes(controller));
  if (missing.length > 0) {
    found.push(
      `The cgroup controllers ${missing.join(", ")} are not mounted below /sys/fs/cgroup; kubelets need them. In a container, run it privileged.`,
    );
  }
  if (facts.unreachable.length > 0) {
    found.push(
      `What is missing here cannot be fetched: ${facts.unreachable.join("; ")}. Check the network, and where go (GOPROXY, GOSUMDB), apt and pip are told to fetch from.`,
    );
  }
  if (facts.takenPorts.length > 0) {
    found.push(
      `Another program uses port ${facts.takenPorts.join(", ")} of 127.0.0.1, which this instance was given. End it, or make a new instance with "npm run reset".`,
    );
  }
  return found;
}

/** True where version `x.y.z` is lower than another. */
export function olderThan(version: string, other: string): boolean {
  const numbers = (text: string) => text.split(".").map(Number);
  const [left, right] = [numbers(version), numbers(other)];
  const index = [0, 1, 2].find((position) => (left[position] ?? 0) !== (right[position] ?? 0));
  return index !== undefined && (left[index] ?? 0) < (right[index] ?? 0);
}

/** Refuses a machine that cannot run the local stack, with all reasons in one message, before anything is changed. */
export async function checkMachine(purpose: Purpose = {}, cacheDir = cacheDirectory()): Promise<void> {
  const found = findings(await lookAtMachine(cacheDir, missingBuilds(cacheDir), purpose));
  if (found.length > 0) {
    throw new Error(`The local stack cannot run here:\n${found.map((finding) => `- ${finding}`).join("\n")}`);
  }
}

/** Looks at this machine; changes nothing. */
export async function lookAtMachine(
  cacheDir: string,
  builds: readonly GoBuild[],
  { ports = [], stack = false }: Purpose,
): Promise<MachineFacts> {
  const go = findGo();
  const packages = missingPackages();
  const firstImages = stack && !existsSync(join(cacheDir, "images"));
  const state = stateDirectory();
  const neededState = existsSync(join(state, "kapsule")) ? LATER_STATE_BYTES : FIRST_STATE_BYTES;
  const neededCache = builds.length > 0 ? FIRST_CACHE_BYTES : LATER_CACHE_BYTES;
  return {
    platform: process.platform,
    architecture: process.arch,
    userId: process.getuid?.(),
    go: go && (await goVersion(go)),
    builds: builds.map(({ name }) => name),
    packages,
    apt: findProgram("apt-get") !== undefined,
    disks: disks([
      { folder: cacheDir, neededBytes: neededCache, variables: ["RECOMMENDER_CACHE"] },
      ...(stack ? [{ folder: state, neededBytes: neededState, variables: ["RECOMMENDER_STATE"] }] : []),
    ]),
    memoryBytes: totalmem(),
    cgroups: cgroupControllers(),
    unreachable: await unreachableRegistries({
      go: builds[0],
      debian: packages.length > 0 || firstImages,
      python: firstImages,
    }),
    takenPorts: (await Promise.all(ports.map(async (port) => ((await isFree(port)) ? [] : [port])))).flat(),
  };
}

async function goVersion(go: string): Promise<string | undefined> {
  const { stdout } = await run(go, ["env", "GOVERSION"], { env: { ...process.env, GOTOOLCHAIN: "local" } });
  return /^go(\d+\.\d+(?:\.\d+)?)/.exec(stdout)?.[1];
}

/** What is free for each folder; folders of one file system share what it has. */
function disks(wanted: readonly Omit<Disk, "freeBytes">[]): Disk[] {
  const byDevice = new Map<number, Disk>();
  for (const { folder, neededBytes, variables } of wanted) {
    let existing = folder;
    while (!existsSync(existing)) existing = dirname(existing);
    const device = statSync(existing).dev;
    const { bavail, bsize } = statfsSync(existing);
    const known = byDevice.get(device);
    byDevice.set(device, {
      folder: known?.folder ?? folder,
      freeBytes: bavail * bsize,
      neededBytes: neededBytes + (known?.neededBytes ?? 0),
      variables: [...(known?.variables ?? []), ...variables],
    });
  }
  return [...byDevice.values()];
}

/** Controllers of cgroup v2 from the root's list, of v1 from the mounted hierarchies. */
function cgroupControllers(): string[] {
  const unified = "/sys/fs/cgroup/cgroup.controllers";
  if (existsSync(unified)) return readFileSync(unified, "utf8").trim().split(" ");
  return existsSync("/proc/mounts")
    ? readFileSync("/proc/mounts", "utf8")
        .split("\n")
        .map((line) => line.split(" "))
        .filter(([, , type]) => type === "cgroup")
        .flatMap(([, , , options = ""]) => options.split(","))
    : [];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", () => done(false));
    server.listen(port, "127.0.0.1", () => server.close(() => done(true)));
  });
}
