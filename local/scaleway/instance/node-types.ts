import type { NodeType } from "../../kapsule/runtime";
import { REGIONS, regionOfZone } from "../server/validation";

/** A server type as the products listing shows it, and whether Kapsule takes it for nodes. */
export interface ServerType extends NodeType {
  /** Euro per hour without VAT, from the price list of summer 2026. */
  readonly hourlyPrice: number;
  readonly zones: readonly string[];
  readonly maxFileSystems: number;
  /** Types with a local disk; the others boot from block storage. */
  readonly localDisk: boolean;
  readonly eligibleAsNode: boolean;
}

const GIB = 1024 ** 3;
const EVERY_ZONE = REGIONS.flatMap((region) => [1, 2, 3].map((number) => `${region}-${number}`));
const HOURS_PER_MONTH = 730;

/** name: price, cores, GiB, file systems. */
const CPU: Readonly<Record<string, readonly [number, number, number, number]>> = {
  "DEV1-S": [0.01, 2, 2, 0],
  "DEV1-M": [0.0202, 3, 4, 0],
  "DEV1-L": [0.0428, 4, 8, 0],
  "DEV1-XL": [0.0651, 4, 12, 0],
  "PLAY2-PICO": [0.014, 1, 2, 0],
  "PLAY2-NANO": [0.0275, 2, 4, 0],
  "PLAY2-MICRO": [0.0551, 4, 8, 0],
  "STARDUST1-S": [0.00015, 1, 1, 0],
  "GP1-XS": [0.0928, 4, 16, 0],
  "GP1-S": [0.1907, 8, 32, 0],
  "GP1-M": [0.3835, 16, 64, 0],
  "GP1-L": [0.7742, 32, 128, 0],
  "PRO2-XXS": [0.0561, 2, 8, 0],
  "PRO2-XS": [0.1122, 4, 16, 0],
  "PRO2-S": [0.2234, 8, 32, 0],
  "PRO2-M": [0.4468, 16, 64, 0],
  "POP2-2C-8G": [0.0735, 2, 8, 1],
  "POP2-4C-16G": [0.147, 4, 16, 1],
  "POP2-8C-32G": [0.29, 8, 32, 2],
  "POP2-16C-64G": [0.59, 16, 64, 4],
  "POP2-HC-4C-8G": [0.1064, 4, 8, 1],
  "POP2-HM-4C-32G": [0.206, 4, 32, 1],
  "BASIC3-X4C-16G": [0.1185, 4, 16, 2],
  "STANDARD3-X4C-16G": [0.1617, 4, 16, 2],
};

const L4_ZONES = ["fr-par-1", "fr-par-2", "pl-waw-2"];
const L40S_ZONES = ["fr-par-2", "pl-waw-2"];
const PARIS_2 = ["fr-par-2"];

/** name: price, cores, GiB, file systems, GPUs, zones. */
const GPU: Readonly<Record<string, readonly [number, number, number, number, number, readonly string[]]>> = {
  "L4-1-24G": [0.7875, 8, 48, 2, 1, L4_ZONES],
  "L4-2-24G": [1.575, 16, 96, 4, 2, L4_ZONES],
  "L4-4-24G": [3.15, 32, 192, 8, 4, L4_ZONES],
  "L4-8-24G": [6.3, 64, 384, 16, 8, L4_ZONES],
  "L40S-1-48G": [1.4699, 8, 96, 2, 1, L40S_ZONES],
  "L40S-2-48G": [2.9398, 16, 192, 4, 2, L40S_ZONES],
  "L40S-4-48G": [5.8796, 32, 384, 8, 4, L40S_ZONES],
  "L40S-8-48G": [11.7592, 64, 768, 16, 8, L40S_ZONES],
  "H100-1-80G": [2.8665, 24, 240, 2, 1, L40S_ZONES],
  "H100-2-80G": [5.733, 48, 480, 4, 2, L40S_ZONES],
  "H100-SXM-2-80G": [6.6198, 32, 240, 4, 2, PARIS_2],
  "H100-SXM-4-80G": [12.771, 64, 480, 8, 4, PARIS_2],
  "H100-SXM-8-80G": [25.3308, 128, 960, 16, 8, PARIS_2],
  "B300-SXM-2-288G": [18.96, 56, 960, 4, 2, PARIS_2],
  "B300-SXM-4-288G": [34.08, 112, 1920, 8, 4, PARIS_2],
  "B300-SXM-8-288G": [60, 224, 3840, 16, 8, PARIS_2],
  "RENDER-S": [1.221, 10, 42, 0, 1, ["fr-par-1", "fr-par-2"]],
};

const NOT_NODES = new Set(["DEV1-S", "PLAY2-PICO", "STARDUST1-S"]);
const LOCAL_DISK = /^(DEV1|GP1|STARDUST1|RENDER)-/;

const TYPES: ReadonlyMap<string, ServerType> = new Map(
  [
    ...Object.entries(CPU).map(([name, [price, cpus, gib, fs]]) =>
      serverType(name, price, cpus, gib, fs, 0, EVERY_ZONE),
    ),
    ...Object.entries(GPU).map(([name, [price, cpus, gib, fs, gpus, zones]]) =>
      serverType(name, price, cpus, gib, fs, gpus, zones),
    ),
  ].map((type) => [type.name, type]),
);

function serverType(
  name: string,
  hourlyPrice: number,
  cpus: number,
  gib: number,
  maxFileSystems: number,
  gpus: number,
  zones: readonly string[],
): ServerType {
  const eligibleAsNode = !NOT_NODES.has(name);
  const memoryBytes = gib * GIB;
  return {
    name,
    hourlyPrice,
    cpus,
    memoryBytes,
    gpus,
    zones,
    maxFileSystems,
    localDisk: LOCAL_DISK.test(name),
    eligibleAsNode,
  };
}

export const serverTypesIn = (zone: string): ServerType[] =>
  [...TYPES.values()].filter(({ zones }) => zones.includes(zone));

/** Finds a type however it is spelt: `DEV1-M`, `dev1_m`. */
export const findServerType = (spelling: string): ServerType | undefined =>
  TYPES.get(spelling.toUpperCase().replaceAll("_", "-"));

/** What is wrong with a node type for a pool in this zone; undefined where nothing is. */
export function nodeTypeMistake(spelling: string, zone: string): string | undefined {
  const type = findServerType(spelling);
  if (!type) return `node type "${spelling}" does not exist`;
  if (!type.eligibleAsNode) return `node type "${type.name}" is too small for a node; take DEV1-M or larger`;
  if (!type.zones.includes(zone))
    return `node type "${type.name}" is not offered in ${zone}, only in ${offered(type, zone)}`;
  return undefined;
}

/** Zones of the same region first, since a pool cannot leave its cluster's region. */
function offered({ zones }: ServerType, zone: string): string {
  const near = zones.filter((each) => regionOfZone(each) === regionOfZone(zone));
  return [...near, ...zones.filter((each) => !near.includes(each))].join(", ");
}

export const monthlyPrice = ({ hourlyPrice }: ServerType): number =>
  Math.round(hourlyPrice * HOURS_PER_MONTH * 100) / 100;
