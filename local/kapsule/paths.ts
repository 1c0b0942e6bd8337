import { join } from "node:path";
import type { InstancePlaces } from "../instance";

/** First eight characters of a UUID: names services, interfaces and folders, where whole ids are too long. */
export const short = (id: string): string => id.slice(0, 8);

/** Where one cluster keeps its files and what it is called on this machine. */
export interface ClusterPaths {
  readonly directory: string;
  readonly certificates: string;
  /** Kubeconfigs of the components; `kubeconfig` is the one for people. */
  readonly kubeconfigs: string;
  readonly kubeconfig: string;
  readonly etcd: string;
  readonly nodes: string;
  /** Directory in which the emulated block storage keeps the volumes of this cluster. */
  readonly volumes: string;
  readonly configuration: string;
}

export function clusterPaths(instance: InstancePlaces, clusterId: string): ClusterPaths {
  const directory = join(instance.stateDir, "kapsule", clusterId);
  return {
    directory,
    certificates: join(directory, "certificates"),
    kubeconfigs: join(directory, "kubeconfigs"),
    kubeconfig: join(directory, "kubeconfig"),
    etcd: join(directory, "etcd"),
    nodes: join(directory, "nodes"),
    volumes: join(directory, "volumes"),
    configuration: join(directory, "configuration"),
  };
}

/** Where one node keeps its files; sockets and mounts of its containers are under `run`, whose path is short. */
export interface NodePaths {
  readonly directory: string;
  readonly run: string;
  /** What was given to this node when it was first started (address, names). */
  readonly record: string;
  readonly containerdConfig: string;
  readonly containerdRoot: string;
  readonly containerdState: string;
  readonly containerdSocket: string;
  readonly registryHosts: string;
  readonly cniConfig: string;
  readonly cniState: string;
  readonly kubeletConfig: string;
  /** Short path of the kubelet's directory, because it keeps sockets there; a bind mount of kubeletFiles. */
  readonly kubeletRoot: string;
  readonly kubeletFiles: string;
  readonly kubeconfig: string;
  readonly podLogs: string;
  readonly resolvConf: string;
}

export function nodePaths(instance: InstancePlaces, clusterId: string, nodeId: string): NodePaths {
  const directory = join(clusterPaths(instance, clusterId).nodes, nodeId);
  const run = join(instance.runDir, "node", short(nodeId));
  return {
    directory,
    run,
    record: join(directory, "node.json"),
    containerdConfig: join(directory, "containerd.toml"),
    containerdRoot: join(directory, "containerd"),
    containerdState: join(run, "containerd"),
    containerdSocket: join(run, "containerd.sock"),
    registryHosts: join(directory, "registry-hosts"),
    cniConfig: join(directory, "cni"),
    cniState: join(directory, "cni-state"),
    kubeletConfig: join(directory, "kubelet.json"),
    kubeletRoot: join(run, "kubelet"),
    kubeletFiles: join(directory, "kubelet"),
    kubeconfig: join(directory, "kubeconfig"),
    podLogs: join(directory, "pod-logs"),
    resolvConf: join(directory, "resolv.conf"),
  };
}

export const clusterService = (clusterId: string, part: string): string => `${short(clusterId)}-${part}`;
export const nodeService = (nodeId: string, part: "containerd" | "kubelet"): string => `${short(nodeId)}-${part}`;

/** Interface that carries the private network; the kernel allows 15 bytes. */
export const interfaceName = (clusterId: string): string => `k${short(clusterId)}`;

/** nftables table of the cluster's way out. */
export const natTable = (clusterId: string): string => `kapsule-${short(clusterId)}`;

/** Name of a node's cgroup, directly below the root of each hierarchy. */
export const cgroupName = (nodeId: string): string => `kapsule-${short(nodeId)}`;

/** CNI network of a node; its results are cached under this name outside of our directories. */
export const cniNetwork = (nodeId: string): string => `kapsule-${short(nodeId)}`;
