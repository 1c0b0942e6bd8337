/** Arithmetic on IPv4 subnets, without the machine. */

const GATEWAY = 1;
const API_SERVER = 2;
/** The first nine addresses of a private network are kept for what is not a node. */
const FIRST_NODE = 10;

function parse(cidr: string): { base: number; prefix: number } {
  const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(cidr);
  const octets = match?.slice(1, 5).map(Number) ?? [];
  const prefix = Number(match?.[5]);
  if (!match || octets.some((octet) => octet > 255) || prefix > 32) {
    throw new Error(`"${cidr}" is not an IPv4 subnet. Write it like 172.16.0.0/22.`);
  }
  const value = octets.reduce((sum, octet) => sum * 256 + octet, 0);
  return { base: value - (value % 2 ** (32 - prefix)), prefix };
}

const format = (value: number): string => [24, 16, 8, 0].map((bits) => Math.floor(value / 2 ** bits) % 256).join(".");

/** The `offset`-th address of a subnet; an offset outside of it is an error. */
export function addressAt(cidr: string, offset: number): string {
  const { base, prefix } = parse(cidr);
  if (offset < 0 || offset >= 2 ** (32 - prefix)) {
    throw new Error(`Subnet ${cidr} has no address number ${offset}. Use a larger subnet.`);
  }
  return format(base + offset);
}

export const prefixLength = (cidr: string): number => parse(cidr).prefix;
export const gatewayAddress = (privateSubnet: string): string => addressAt(privateSubnet, GATEWAY);
export const apiServerAddress = (privateSubnet: string): string => addressAt(privateSubnet, API_SERVER);
export const nodeAddress = (privateSubnet: string, index: number): string =>
  addressAt(privateSubnet, FIRST_NODE + index);
/** Kubernetes gives its own API the first address of the service subnet. */
export const kubernetesServiceAddress = (serviceCidr: string): string => addressAt(serviceCidr, 1);

/** The /24 of pods of the node with this index; index 0 is the first node. */
export function nodePodCidr(podCidr: string, index: number): string {
  const { prefix } = parse(podCidr);
  if (prefix > 24) throw new Error(`Pod subnet ${podCidr} is smaller than the /24 of one node. Use a /15.`);
  return `${addressAt(podCidr, index * 256)}/24`;
}

/** Nodes that fit both the private network (its broadcast address left out) and the pod subnet. */
export function nodeLimit(privateSubnet: string, podCidr: string): number {
  const addresses = 2 ** (32 - prefixLength(privateSubnet)) - 1 - FIRST_NODE;
  return Math.max(0, Math.min(addresses, 2 ** (24 - prefixLength(podCidr))));
}
