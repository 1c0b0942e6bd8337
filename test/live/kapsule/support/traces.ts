import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hierarchies } from "../../../../local/kapsule/cgroups";

/** Everything on this machine that a cluster makes and that outlives its processes. */
export function traces(): Record<string, string[]> {
  const lines = (program: string, ...args: string[]): string[] =>
    execFileSync(program, args, { encoding: "utf8" }).split("\n").filter(Boolean).sort();
  const files = (directory: string): string[] => (existsSync(directory) ? readdirSync(directory).sort() : []);
  const read = (file: string): string => readFileSync(file, "utf8").trim();
  return {
    interfaces: lines("ip", "-brief", "link").map((line) => line.split(/[\s@]/)[0] ?? ""),
    addresses: lines("ip", "-brief", "-4", "address").map((line) => line.replace(/\s+/g, " ").trim()),
    routes: lines("ip", "route", "show", "table", "all").filter((line) => !line.includes("ff00::")),
    tables: lines("nft", "list", "tables"),
    mounts: read("/proc/self/mountinfo")
      .split("\n")
      .map((line) => line.split(" ")[4] ?? "")
      .filter((point) => /kapsule|netns|^\/run\/recommender-/.test(point))
      .sort(),
    cgroups: hierarchies().flatMap((hierarchy) =>
      files(hierarchy).filter((name) => /^kapsule|^kubepods|^k8s/.test(name)),
    ),
    namespaces: files("/run/netns"),
    shared: [
      ...files("/run/recommender-kapsule"),
      ...files("/run/containerd/s"),
      ...files("/run/nri"),
      ...files("/opt/containerd"),
    ],
    results: files("/var/lib/cni/results"),
    containerLogs: files("/var/log/containers"),
    podLogs: files("/var/log/pods"),
    settings: ["net/ipv4/ip_forward", "vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops"].map(
      (name) => `${name}=${read(`/proc/sys/${name}`)}`,
    ),
  };
}

/** Processes with an argument that names the directory, with their command lines. */
export function processesNaming(directory: string): string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        const words = readFileSync(`/proc/${id}/cmdline`, "utf8").replaceAll("\0", " ");
        return words.includes(directory) ? [`${id} ${words}`] : [];
      } catch {
        return [];
      }
    });
}
