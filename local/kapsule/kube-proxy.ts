import type { Service } from "../supervisor/service";
import type { Tools } from "../toolchain/tools";
import { serviceEnvironment } from "./command";
import type { ClusterCredentials } from "./credentials";
import { digest } from "./files";
import { clusterService, type ClusterPaths } from "./paths";
import type { ClusterSpec } from "./runtime";
import { apiServerAddress } from "./subnets";

/**
 * One kube-proxy for all nodes of a cluster, since they share this machine's kernel. It has to be some node:
 * it waits half a minute for one that does not exist, and ends when its node is deleted.
 */
export function proxyService(
  spec: ClusterSpec,
  paths: ClusterPaths,
  tools: Tools,
  credentials: ClusterCredentials,
  nodeName: string,
): Service {
  const address = apiServerAddress(spec.privateSubnet);
  const kubeconfig = credentials.kubeconfigs["kube-proxy"];
  return {
    name: clusterService(spec.id, "kube-proxy"),
    command: [
      tools["kube-proxy"],
      `--kubeconfig=${kubeconfig}`,
      `--hostname-override=${nodeName}`,
      "--proxy-mode=nftables",
      `--cluster-cidr=${spec.podCidr}`,
      "--nodeport-addresses=primary",
      `--metrics-bind-address=${address}:10249`,
      `--healthz-bind-address=${address}:10256`,
      // The machine's connection table is not ours to size.
      "--conntrack-max-per-core=0",
      "--conntrack-tcp-timeout-established=0s",
      "--conntrack-tcp-timeout-close-wait=0s",
      "--oom-score-adj=0",
    ],
    environment: serviceEnvironment(paths.directory, digest(kubeconfig)),
    workingDirectory: paths.directory,
  };
}
