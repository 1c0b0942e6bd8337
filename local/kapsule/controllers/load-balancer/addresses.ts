import type { Service } from "../../../kubernetes/objects";

/** Last octets run from 1 to 254, as those of hosts do. */
const PER_BLOCK = 254;

/** Addresses of a cluster's load balancers: `127.x.` and two octets chosen here. */
export function addressAt(prefix: string, index: number): string {
  return `${prefix}${Math.floor(index / PER_BLOCK)}.${(index % PER_BLOCK) + 1}`;
}

/** The address that a Service shows already, if it is one of ours: it stays the same as long as the Service lives. */
export function shownAddress(service: Service, prefix: string): string | undefined {
  return service.status?.loadBalancer?.ingress?.find(({ ip }) => ip?.startsWith(prefix))?.ip;
}

/** The lowest address that nobody has. Throws when all 65,024 are taken. */
export function freeAddress(prefix: string, taken: ReadonlySet<string>): string {
  for (let index = 0; index < 256 * PER_BLOCK; index++) {
    const address = addressAt(prefix, index);
    if (!taken.has(address)) return address;
  }
  throw new Error(`All addresses of ${prefix}0.0/16 are taken. Delete Services of type LoadBalancer.`);
}
