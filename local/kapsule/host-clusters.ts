import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeFile } from "./files";

/** Beside the instances' own directories: all instances of a machine share its kernel. */
export const SHARED = "/run/recommender-kapsule";
const records = join(SHARED, "clusters");

/** A cluster that has interfaces, packet rules and mounts on this machine, or had them when it was killed. */
export interface HostCluster {
  readonly id: string;
  /** State directory of its instance. */
  readonly stateDir: string;
}

export function rememberCluster({ id, stateDir }: HostCluster): void {
  mkdirSync(records, { recursive: true, mode: 0o700 });
  writeFile(join(records, id), stateDir);
}

export function forgetCluster(id: string): void {
  rmSync(join(records, id), { force: true });
}

/** The clusters of all instances. */
export function hostClusters(): HostCluster[] {
  if (!existsSync(records)) return [];
  return readdirSync(records).map((id) => ({ id, stateDir: readFileSync(join(records, id), "utf8") }));
}
