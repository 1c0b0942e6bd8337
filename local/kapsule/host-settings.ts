import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../instance";
import { readJson, writeFile } from "./files";
import { forgetCluster, hostClusters, rememberCluster, SHARED } from "./host-clusters";

/** What clusters change of this machine's kernel settings: forwarding is ours, the rest is the kubelet's. */
const CHANGED = [
  "net/ipv4/ip_forward",
  "net/ipv4/conf/all/forwarding",
  "net/ipv4/conf/default/forwarding",
  "vm/overcommit_memory",
  "vm/panic_on_oom",
  "kernel/panic",
  "kernel/panic_on_oops",
  "kernel/keys/root_maxkeys",
  "kernel/keys/root_maxbytes",
];

const setting = (name: string): string => join("/proc/sys", name);

const record = join(SHARED, "previous-settings.json");

/** Remembers the machine's settings before the first cluster of any instance changes them; turns forwarding on. */
export function prepareHost(instance: Instance, clusterId: string): void {
  rememberCluster({ id: clusterId, stateDir: instance.stateDir });
  if (!existsSync(record)) {
    const previous = CHANGED.filter((name) => existsSync(setting(name))).map(
      (name) => [name, readFileSync(setting(name), "utf8").trim()] as const,
    );
    writeFile(record, JSON.stringify(Object.fromEntries(previous), null, 2));
  }
  writeFileSync(setting("net/ipv4/ip_forward"), "1");
}

/** Puts the settings back once the last cluster is gone; says whether this was the last one. */
export function releaseHost(clusterId: string): boolean {
  forgetCluster(clusterId);
  if (hostClusters().length > 0) return false;
  for (const [name, value] of Object.entries(readJson<Record<string, string>>(record) ?? {})) {
    try {
      writeFileSync(setting(name), value);
    } catch {
      // A setting that this machine refuses to change was not changed by us either.
    }
  }
  rmSync(SHARED, { recursive: true, force: true });
  return true;
}
