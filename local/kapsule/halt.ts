import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../instance";
import type { Supervisor } from "../supervisor/supervisor";
import { releaseHost } from "./host-settings";
import { unmountBelow } from "./mounts";
import { removeProxyRules, tearDownNetwork } from "./network";
import { endNode } from "./node-removal";
import { clusterPaths } from "./paths";
import { nodeIds } from "./placements";

/**
 * Ends everything an instance runs, its clusters included, and takes away their mounts, interfaces, cgroups and packet
 * rules. Clusters are not deleted: their databases and images stay, and starting them again brings them back. Works
 * on whatever is left after a crash, too.
 */
export async function halt(instance: Instance, supervisor: Supervisor): Promise<void> {
  // The supervisor goes first: the API and the controllers would start again what is being ended.
  await supervisor.stopAll();
  for (const clusterId of clusterIds(instance)) {
    await Promise.all(nodeIds(instance, clusterId).map((id) => endNode(instance, supervisor, clusterId, id)));
    await tearDownNetwork(clusterId);
    if (releaseHost(clusterId)) await removeProxyRules();
    await unmountBelow(clusterPaths(instance, clusterId).directory);
  }
  rmSync(instance.runDir, { recursive: true, force: true });
}

function clusterIds({ stateDir }: Instance): string[] {
  const folder = join(stateDir, "kapsule");
  return existsSync(folder) ? readdirSync(folder) : [];
}
