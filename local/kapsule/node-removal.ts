import { existsSync, lstatSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { InstancePlaces } from "../instance";
import type { ServiceManager } from "../supervisor/service";
import { removeCgroup } from "./cgroups";
import { unmountBelow } from "./mounts";
import { cgroupName, cniNetwork, nodePaths, nodeService, type NodePaths } from "./paths";
import { killProcessesWithPath } from "./processes";

/**
 * Removes a node from this machine, in whatever state it is: nothing here asks containerd or the kubelet, which may be
 * dead. Pods end without grace; whoever wants grace drains the node first.
 */
export async function removeNodeProcesses(
  instance: InstancePlaces,
  services: ServiceManager,
  clusterId: string,
  nodeId: string,
): Promise<void> {
  await endNode(instance, services, clusterId, nodeId);
  rmSync(nodePaths(instance, clusterId, nodeId).directory, { recursive: true, force: true });
}

/** Ends everything that a node runs and mounts; its images and its place in the cluster stay on disk. */
export async function endNode(
  instance: InstancePlaces,
  services: ServiceManager,
  clusterId: string,
  nodeId: string,
): Promise<void> {
  const paths = nodePaths(instance, clusterId, nodeId);
  // First the two that would start something again.
  await services.remove(nodeService(nodeId, "kubelet"));
  await services.remove(nodeService(nodeId, "containerd"));
  await removeCgroup(cgroupName(nodeId));
  // Shims are in the supervisor's cgroup, not in the node's.
  await killProcessesWithPath(paths.run);
  // Network namespaces are mounts; with the last of them go the pods' interfaces.
  await unmountBelow(paths.run);
  await unmountBelow(paths.directory);
  removeSharedTraces(nodeId, paths);
  rmSync(paths.run, { recursive: true, force: true });
}

/** What the CNI library and the kubelet write outside of the node's directories, with no setting to change it. */
function removeSharedTraces(nodeId: string, paths: NodePaths): void {
  for (const entry of entries("/var/lib/cni/results")) {
    if (entry.name.startsWith(`${cniNetwork(nodeId)}-`)) rmSync(entry.path, { force: true });
  }
  for (const entry of entries("/var/log/containers")) {
    const ours = lstatSync(entry.path).isSymbolicLink() && readlinkSync(entry.path).startsWith(`${paths.podLogs}/`);
    if (ours) rmSync(entry.path, { force: true });
  }
}

function entries(directory: string): { name: string; path: string }[] {
  return existsSync(directory) ? readdirSync(directory).map((name) => ({ name, path: join(directory, name) })) : [];
}
