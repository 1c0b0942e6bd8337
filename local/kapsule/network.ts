import { attempt, run } from "./command";
import type { ClusterSpec } from "./runtime";
import { interfaceName, natTable } from "./paths";
import { apiServerAddress, gatewayAddress, prefixLength } from "./subnets";

/**
 * The private network of a cluster on this machine: one interface that leads nowhere and carries every address of it.
 * A bridge without ports, because every kernel that runs containers has bridges and some lack the dummy device.
 */
export async function bringUpNetwork(spec: ClusterSpec): Promise<void> {
  const name = interfaceName(spec.id);
  const prefix = prefixLength(spec.privateSubnet);
  if (!(await hasNetwork(spec.id))) {
    await refuseTakenSubnet(spec);
    await run("ip", ["link", "add", name, "type", "bridge", "forward_delay", "0", "mcast_snooping", "0"]);
  }
  await run("ip", ["link", "set", name, "addrgenmode", "none"]);
  await run("ip", ["link", "set", name, "up"]);
  await run("ip", ["address", "replace", `${gatewayAddress(spec.privateSubnet)}/${prefix}`, "dev", name]);
  await addAddress(spec.id, apiServerAddress(spec.privateSubnet));
  // Without a default route of the machine, service addresses would be unreachable before kube-proxy could rewrite them.
  await run("ip", ["route", "replace", spec.serviceCidr, "dev", name]);
  await run("nft", ["-f", "-"], { input: natRules(spec) });
}

/** Whether a cluster has its interface here; one may run on the same machine in another network namespace. */
export function hasNetwork(clusterId: string): Promise<boolean> {
  return attempt("ip", ["link", "show", interfaceName(clusterId)]);
}

/** Two clusters with the same addresses would answer for each other. */
async function refuseTakenSubnet({ name, privateSubnet }: ClusterSpec): Promise<void> {
  const taken = await run("ip", ["-brief", "-4", "address", "show", "to", privateSubnet]);
  const owner = taken.split(/\s/)[0];
  if (owner) {
    throw new Error(
      `The private network ${privateSubnet} of cluster ${name} is in use on this machine by ${owner}. ` +
        "Remove that interface, and the cluster starts; or choose another subnet.",
    );
  }
}

/**
 * Pods leave for other machines under this machine's address; inside of the cluster they keep their own. Nothing comes in
 * from other machines: while this one forwards packets, a neighbour could otherwise name it as the way to the cluster.
 */
function natRules(spec: ClusterSpec): string {
  const table = `ip ${natTable(spec.id)}`;
  const own = [spec.podCidr, spec.privateSubnet, spec.serviceCidr].join(", ");
  return `add table ${table}
delete table ${table}
table ${table} {
  chain prerouting {
    type filter hook prerouting priority raw;
    iifname != "lo" iifname != "veth*" iifname != "${interfaceName(spec.id)}" ip daddr { ${own} } drop
  }
  chain postrouting {
    type nat hook postrouting priority srcnat + 10;
    ip saddr ${spec.podCidr} ip daddr != { ${own} } masquerade
  }
}
`;
}

export async function addAddress(clusterId: string, address: string): Promise<void> {
  await run("ip", ["address", "replace", `${address}/32`, "dev", interfaceName(clusterId)]);
}

export async function removeAddress(clusterId: string, address: string): Promise<void> {
  await attempt("ip", ["address", "delete", `${address}/32`, "dev", interfaceName(clusterId)]);
}

/** Removes the interface with its addresses and routes, and the rules of the way out. */
export async function tearDownNetwork(clusterId: string): Promise<void> {
  await attempt("ip", ["link", "delete", interfaceName(clusterId)]);
  await attempt("nft", ["delete", "table", "ip", natTable(clusterId)]);
}

/** Removes what kube-proxy leaves behind when it is stopped: its tables keep serving until then. */
export async function removeProxyRules(): Promise<void> {
  await attempt("nft", ["delete", "table", "ip", "kube-proxy"]);
  await attempt("nft", ["delete", "table", "ip6", "kube-proxy"]);
}
