import type { Instance } from "../instance";
import type { Tools } from "../toolchain/tools";
import { cgroupName, cniNetwork, type NodePaths } from "./paths";
import { PAUSE_IMAGE } from "./pause-image";
import type { ClusterSpec, NodeSpec } from "./runtime";

/** Where Debian's containernetworking-plugins are. */
export const CNI_PLUGINS = "/usr/lib/cni";

/**
 * containerd of one node. Everything that it would keep in a place shared with other containerds (sockets of shims,
 * network namespaces, plugins) is moved into the node's own directories.
 */
export function containerdToml(paths: NodePaths, tools: Tools): string {
  const text = JSON.stringify;
  return `version = 3
root = ${text(paths.containerdRoot)}
state = ${text(paths.containerdState)}
temp = ""
imports = []
disabled_plugins = [
  "io.containerd.snapshotter.v1.blockfile", "io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.devmapper",
  "io.containerd.snapshotter.v1.erofs", "io.containerd.snapshotter.v1.zfs", "io.containerd.image-verifier.v1.bindir",
  "io.containerd.internal.v1.tracing", "io.containerd.tracing.processor.v1.otlp",
]

[grpc]
address = ${text(paths.containerdSocket)}

[ttrpc]
address = ${text(`${paths.containerdSocket}.ttrpc`)}

[plugins.'io.containerd.cri.v1.images']
snapshotter = "overlayfs"
discard_unpacked_layers = true

[plugins.'io.containerd.cri.v1.images'.pinned_images]
sandbox = ${text(PAUSE_IMAGE)}

[plugins.'io.containerd.cri.v1.images'.registry]
config_path = ${text(paths.registryHosts)}

[plugins.'io.containerd.cri.v1.runtime']
# Lowering the score takes CAP_SYS_RESOURCE, which containers that run this stack often lack.
restrict_oom_score_adj = true
disable_apparmor = true
enable_cdi = false
enable_criu = false
netns_mounts_under_state_dir = true

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
runtime_type = "io.containerd.runc.v2"
runtime_path = ${text(tools["containerd-shim-runc-v2"])}

[plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
BinaryName = ${text(tools.runc)}
Root = ${text(`${paths.containerdState}/runc`)}
SystemdCgroup = false

[plugins.'io.containerd.cri.v1.runtime'.cni]
bin_dirs = [${text(CNI_PLUGINS)}]
conf_dir = ${text(paths.cniConfig)}
# The plugin would leave its results in a folder that all containerds of this machine share.
use_internal_loopback = true

[plugins.'io.containerd.nri.v1.nri']
disable = true

[plugins.'io.containerd.internal.v1.opt']
path = ${text(`${paths.directory}/opt`)}

[plugins.'io.containerd.shim.v1.manager']
socket_dir = ${text(`${paths.run}/s`)}
`;
}

/** Pulls of the production image names go to the registry of this machine. */
export function registryHostsToml(instance: Instance): string {
  const mirror = JSON.stringify(`http://127.0.0.1:${instance.ports.registry}`);
  return `server = ${mirror}\n\n[host.${mirror}]\ncapabilities = ["pull", "resolve"]\n`;
}

/**
 * Pod network of one node: a pair of interfaces per pod, routed by the machine. Routed and not bridged, because behind
 * a bridge a pod's answer to a neighbour would bypass the rewriting of service addresses.
 */
export function cniConflist(node: NodeSpec, podCidr: string, paths: NodePaths, portMapping: boolean): string {
  const ipam = {
    type: "host-local",
    dataDir: paths.cniState,
    ranges: [[{ subnet: podCidr }]],
    routes: [{ dst: "0.0.0.0/0" }],
  };
  const plugins: unknown[] = [{ type: "ptp", ipMasq: false, ipam }];
  if (portMapping) plugins.push({ type: "portmap", capabilities: { portMappings: true } });
  return JSON.stringify({ cniVersion: "1.0.0", name: cniNetwork(node.id), plugins }, null, 2);
}

export function kubeletConfiguration(
  spec: ClusterSpec,
  node: NodeSpec,
  address: string,
  paths: NodePaths,
  certificates: { authority: string; certificate: string; key: string },
): string {
  const configuration = {
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    address,
    port: 10250,
    readOnlyPort: 0,
    healthzBindAddress: address,
    healthzPort: 10248,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: certificates.authority },
    },
    authorization: { mode: "Webhook" },
    tlsCertFile: certificates.certificate,
    tlsPrivateKeyFile: certificates.key,
    clusterDNS: [spec.serviceDnsIp],
    clusterDomain: "cluster.local",
    resolvConf: paths.resolvConf,
    providerID: node.providerId,
    containerRuntimeEndpoint: `unix://${paths.containerdSocket}`,
    cgroupDriver: "cgroupfs",
    cgroupRoot: `/${cgroupName(node.id)}`,
    failCgroupV1: false,
    failSwapOn: false,
    // Two kubelets that share /var/log/pods would remove each other's folders.
    podLogsDir: paths.podLogs,
    volumePluginDir: `${paths.kubeletRoot}/volume-plugins`,
    serializeImagePulls: false,
    // The disk is the user's: its fill level is no reason to throw images or pods away.
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    evictionHard: {
      "memory.available": "1%",
      "nodefs.available": "1%",
      "nodefs.inodesFree": "1%",
      "imagefs.available": "1%",
      "imagefs.inodesFree": "1%",
    },
    makeIPTablesUtilChains: false,
    oomScoreAdj: 0,
    maxPods: 110,
    featureGates: Object.fromEntries(spec.featureGates.map((gate) => [gate, true])),
  };
  return JSON.stringify(configuration, null, 2);
}

/** Labels that a kubelet would give itself, the node's own, then those that the API says all nodes of the pool have. */
export function nodeLabels(node: NodeSpec): Record<string, string> {
  return {
    "kubernetes.io/hostname": node.name,
    "kubernetes.io/os": "linux",
    "kubernetes.io/arch": "amd64",
    "k8s.scaleway.com/node": node.id,
    ...node.labels,
  };
}
