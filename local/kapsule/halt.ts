import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type InstancePlaces, placesOf } from "../instance";
import { Supervisor } from "../supervisor/supervisor";
import { hostClusters } from "./host-clusters";
import { releaseHost } from "./host-settings";
import { unmountBelow } from "./mounts";
import { removeProxyRules, tearDownNetwork } from "./network";
import { endNode } from "./node-removal";
import { clusterPaths } from "./paths";
import { nodeIds } from "./placements";
import { killProcessesWithPath } from "./processes";

/**
 * Ends everything an instance runs, its clusters included, and takes away their mounts, interfaces, cgroups and packet
 * rules. Clusters are not deleted: their databases and images stay, and starting them again brings them back. Works
 * on whatever is left after a crash, too, even where the state directory is gone.
 */
export async function halt(instance: InstancePlaces, supervisor: Supervisor): Promise<void> {
  // The supervisor goes first: the API and the controllers would start again what is being ended.
  await supervisor.stopAll();
  for (const clusterId of clusterIds(instance)) {
    await Promise.all(nodeIds(instance, clusterId).map((id) => endNode(instance, supervisor, clusterId, id)));
    await tearDownNetwork(clusterId);
    if (releaseHost(clusterId)) await removeProxyRules();
    await unmountBelow(clusterPaths(instance, clusterId).directory);
  }
  await killProcessesWithPath(instance.runDir);
  await unmountBelow(instance.runDir);
  rmSync(instance.runDir, { recursive: true, force: true });
}

/**
 * Whether an instance with clusters here can still be used: its supervisor answers, and its state directory was not
 * deleted under it.
 */
export async function isUsed(places: InstancePlaces): Promise<boolean> {
  return existsSync(places.stateDir) && (await new Supervisor(places).isRunning());
}

/**
 * Ends what is left of other instances that nobody can use any more, as after a power cut, `kill -9` of all or a deleted
 * clone: their interfaces hold addresses, their packet rules lead elsewhere. Their data stay for their next start.
 * @returns state directories of what was ended
 */
export async function haltDeadInstances(own: InstancePlaces): Promise<string[]> {
  const others = new Set(hostClusters().map(({ stateDir }) => stateDir));
  others.delete(own.stateDir);
  const ended: string[] = [];
  for (const stateDir of others) {
    const places = placesOf(stateDir);
    if (await isUsed(places)) continue;
    await halt(places, new Supervisor(places));
    ended.push(stateDir);
  }
  return ended;
}

function clusterIds({ stateDir }: InstancePlaces): Set<string> {
  const folder = join(stateDir, "kapsule");
  const known = hostClusters().filter((cluster) => cluster.stateDir === stateDir);
  return new Set([...(existsSync(folder) ? readdirSync(folder) : []), ...known.map(({ id }) => id)]);
}
