/**
 * Node types that Kapsule offers, with the GPUs of one node and the zones that list the type.
 * Source: Scaleway's product list of August 2026. Types that cannot be nodes (DEV1-S, PLAY2-PICO, STARDUST) and types
 * at the end of their life (ENT1, GPU-3070-S) are left out; so is RENDER-S, whose GPU of 2016 current PyTorch refuses.
 */
const L4_ZONES = ["fr-par-1", "fr-par-2", "pl-waw-2"] as const;
const L40S_ZONES = ["fr-par-2", "pl-waw-2"] as const;
const PARIS_2 = ["fr-par-2"] as const;

interface NodeFacts {
  readonly gpus: number;
  /** Zones that offer the type; undefined where Scaleway offers it everywhere. */
  readonly zones?: readonly string[];
}

const gpuTypes = {
  "L4-1-24G": { gpus: 1, zones: L4_ZONES },
  "L4-2-24G": { gpus: 2, zones: L4_ZONES },
  "L4-4-24G": { gpus: 4, zones: L4_ZONES },
  "L4-8-24G": { gpus: 8, zones: L4_ZONES },
  "L40S-1-48G": { gpus: 1, zones: L40S_ZONES },
  "L40S-2-48G": { gpus: 2, zones: L40S_ZONES },
  "L40S-4-48G": { gpus: 4, zones: L40S_ZONES },
  "L40S-8-48G": { gpus: 8, zones: L40S_ZONES },
  "H100-1-80G": { gpus: 1, zones: L40S_ZONES },
  "H100-2-80G": { gpus: 2, zones: L40S_ZONES },
  "H100-SXM-2-80G": { gpus: 2, zones: PARIS_2 },
  "H100-SXM-4-80G": { gpus: 4, zones: PARIS_2 },
  "H100-SXM-8-80G": { gpus: 8, zones: PARIS_2 },
} as const satisfies Record<string, NodeFacts>;

const cpuTypes = [
  ...["DEV1-M", "DEV1-L", "DEV1-XL", "PLAY2-NANO", "PLAY2-MICRO"],
  ...["GP1-XS", "GP1-S", "GP1-M", "GP1-L"],
  ...["PRO2-XXS", "PRO2-XS", "PRO2-S", "PRO2-M", "PRO2-L"],
  ...["POP2-2C-8G", "POP2-4C-16G", "POP2-8C-32G", "POP2-16C-64G", "POP2-HC-4C-8G", "POP2-HM-4C-32G"],
] as const;

export const GPU_NODE_TYPES = Object.keys(gpuTypes) as readonly (keyof typeof gpuTypes)[];
export const NODE_TYPES: readonly string[] = [...cpuTypes, ...GPU_NODE_TYPES];

/** GPUs of one node of a type; 0 for CPU types. */
export function gpusOf(nodeType: string): number {
  return factsOf(nodeType).gpus;
}

/** Whether a zone lists a node type. */
export function offeredIn(nodeType: string, zone: string): boolean {
  return factsOf(nodeType).zones?.includes(zone) ?? true;
}

/** The zones that list a type, for a message; "every zone" for CPU types. */
export function zonesOf(nodeType: string): string {
  return factsOf(nodeType).zones?.join(", ") ?? "every zone";
}

function factsOf(nodeType: string): NodeFacts {
  return (gpuTypes as Record<string, NodeFacts>)[nodeType] ?? { gpus: 0 };
}
