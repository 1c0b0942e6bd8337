import { BlockList, isIPv4 } from "node:net";

/** Blocks that private networks may use. */
const PRIVATE_BLOCKS = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"] as const;

export interface Ipv4Block {
  /** First address as a number. */
  readonly first: number;
  readonly prefix: number;
}

/** Reads an IPv4 CIDR whose address is the first of its block; undefined for anything else. */
export function parseCidr(cidr: string): Ipv4Block | undefined {
  const [address = "", length = ""] = cidr.split("/");
  const prefix = Number(length);
  if (!isIPv4(address) || !/^\d{1,2}$/.test(length) || prefix > 32) return undefined;
  const first = address.split(".").reduce((sum, octet) => sum * 256 + Number(octet), 0);
  return first % sizeOf(prefix) === 0 ? { first, prefix } : undefined;
}

const sizeOf = (prefix: number): number => 2 ** (32 - prefix);

export const formatAddress = (address: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");

export function overlaps(a: string, b: string): boolean {
  const [left, right] = [parseCidr(a), parseCidr(b)];
  return (
    left !== undefined &&
    right !== undefined &&
    left.first < right.first + sizeOf(right.prefix) &&
    right.first < left.first + sizeOf(left.prefix)
  );
}

/** What is wrong with a subnet that was asked for; undefined where nothing is. */
export function subnetMistake(cidr: string, taken: readonly string[]): string | undefined {
  const block = parseCidr(cidr);
  if (!block) return `"${cidr}" is not an IPv4 block such as 172.16.8.0/22`;
  if (block.prefix < 20 || block.prefix > 29) return `"${cidr}" must have a prefix length from 20 to 29`;
  const privateAddresses = new BlockList();
  for (const each of PRIVATE_BLOCKS) {
    const [address = "", prefix = ""] = each.split("/");
    privateAddresses.addSubnet(address, Number(prefix));
  }
  if (!privateAddresses.check(formatAddress(block.first)))
    return `"${cidr}" must lie in one of ${PRIVATE_BLOCKS.join(", ")}`;
  const other = taken.find((each) => overlaps(each, cidr));
  return other === undefined ? undefined : `"${cidr}" overlaps ${other} of another private network`;
}

/** The first /22 from 172.16.0.0 on that overlaps none of the given blocks. */
export function freeSubnet(taken: readonly string[]): string {
  const start = parseCidr("172.16.0.0/12") as Ipv4Block;
  for (let first = start.first; first < start.first + sizeOf(12); first += sizeOf(22)) {
    const candidate = `${formatAddress(first)}/22`;
    if (!taken.some((each) => overlaps(each, candidate))) return candidate;
  }
  throw new Error("All 1024 subnets of 172.16.0.0/12 are taken by private networks; delete some.");
}
