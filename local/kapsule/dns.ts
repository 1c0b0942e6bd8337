import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Service } from "../supervisor/service";
import type { Tools } from "../toolchain/tools";
import { serviceEnvironment } from "./command";
import type { ClusterCredentials } from "./credentials";
import { digest, writeFile } from "./files";
import { clusterService, type ClusterPaths } from "./paths";
import type { ClusterSpec } from "./runtime";
import { apiServerAddress, gatewayAddress } from "./subnets";

/** The cluster's DNS: CoreDNS on this machine, bound to the private network only. */
export function dnsService(
  spec: ClusterSpec,
  paths: ClusterPaths,
  tools: Tools,
  credentials: ClusterCredentials,
): Service {
  const file = join(paths.configuration, "Corefile");
  writeFile(file, corefile(spec, credentials.kubeconfigs.dns, hostHasResolver()));
  return {
    name: clusterService(spec.id, "dns"),
    command: [tools.coredns, "-conf", file],
    environment: serviceEnvironment(paths.directory, digest(file, credentials.kubeconfigs.dns)),
    workingDirectory: paths.directory,
  };
}

/**
 * Answers for the cluster, for the Scaleway endpoints that this machine imitates (with the address of its edge, so that
 * pods use the real names), and asks the machine's own resolver for the rest where it has one.
 */
export function corefile(spec: ClusterSpec, kubeconfig: string, forward: boolean): string {
  const { region } = spec;
  const endpoints = [`s3.${region}.scw.cloud`, `rg.${region}.scw.cloud`, "api.scaleway.com"];
  const bind = `bind ${apiServerAddress(spec.privateSubnet)}`;
  return `cluster.local in-addr.arpa ip6.arpa {
  ${bind}
  errors
  kubernetes cluster.local in-addr.arpa ip6.arpa {
    kubeconfig ${kubeconfig} ${spec.name}
    pods insecure
    fallthrough in-addr.arpa ip6.arpa
    ttl 5
  }
  loadbalance
}
${endpoints.join(" ")} {
  ${bind}
  errors
  template IN A {
    answer "{{ .Name }} 60 IN A ${gatewayAddress(spec.privateSubnet)}"
  }
  template IN ANY {
    rcode NOERROR
  }
}
. {
  ${bind}
  errors
  ${forward ? "forward . /etc/resolv.conf\n  cache 30" : "template IN ANY {\n    rcode NXDOMAIN\n  }"}
}
`;
}

function hostHasResolver(): boolean {
  return existsSync("/etc/resolv.conf") && /^\s*nameserver\s+\S/m.test(readFileSync("/etc/resolv.conf", "utf8"));
}
