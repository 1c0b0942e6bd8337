import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** What a local stack could leave on a machine. */
export interface Traces {
  readonly interfaces: readonly string[];
  readonly mounts: readonly string[];
  readonly packetTables: readonly string[];
  readonly cgroups: readonly string[];
  readonly processes: readonly string[];
  readonly forwarding: string;
}

/** Looks at the machine; processes are those whose command line or working directory names the state directory. */
export function traces(stateDir: string): Traces {
  return {
    interfaces: readdirSync("/sys/class/net").sort(),
    mounts: readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" ")[1] ?? "")
      .sort(),
    packetTables: execFileSync("nft", ["list", "tables"], { encoding: "utf8" }).trim().split("\n"),
    cgroups: cgroups("/sys/fs/cgroup").sort(),
    processes: processesOf(stateDir),
    forwarding: readFileSync("/proc/sys/net/ipv4/ip_forward", "utf8").trim(),
  };
}

/** What is on the machine now and was not before; other programs may come and go meanwhile, so nothing else counts. */
export function added(before: Traces, now: Traces): string[] {
  const known = new Set(Object.values(before).flat());
  return Object.entries(now).flatMap(([kind, values]) =>
    [values].flat().flatMap((value: string) => (known.has(value) ? [] : [`${kind}: ${value}`])),
  );
}

function processesOf(stateDir: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      } catch {
        return ""; // it ended while we looked
      }
    })
    .filter((command) => command.includes(stateDir));
}

/** Cgroups of the first levels, where nodes have theirs. */
function cgroups(root: string): string[] {
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: false, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => [
      `${root}/${name}`,
      ...readdirSync(`${root}/${name}`, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => `${root}/${name}/${entry.name}`),
    ]);
}

/** TCP sockets that listen where another machine could reach them: neither loopback nor an address of the stack. */
export function reachableListeners(stackInterface: RegExp): string[] {
  const own = execFileSync("ip", ["-brief", "-4", "address"], { encoding: "utf8" })
    .split("\n")
    .filter((line) => stackInterface.test(line.split(/\s/)[0] ?? ""))
    .flatMap((line) => line.match(/\d+\.\d+\.\d+\.\d+/g) ?? []);
  const sockets = execFileSync("ss", ["-Hltn"], { encoding: "utf8" }).trim().split("\n");
  return sockets
    .map((line) => line.split(/\s+/)[3] ?? "")
    .filter((address) => !address.startsWith("127.") && !address.startsWith("[::1]"))
    .filter((address) => !own.includes(address.slice(0, address.lastIndexOf(":"))));
}
