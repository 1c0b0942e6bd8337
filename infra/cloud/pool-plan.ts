import type { PoolSettings } from "../settings/pools";

/**
 * Keeps off GPU nodes whatever did not ask for a GPU. NVIDIA's daemons tolerate this key and no other
 * (the nodes get no taint by themselves).
 */
export const GPU_TAINT = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" } as const;

/** Resource by which a container asks for GPUs. */
export const GPU_RESOURCE = "nvidia.com/gpu";

/**
 * Label with the pool's name in the program. Selecting on it works from zero nodes on, because it is in the
 * autoscaler's template; labels that NVIDIA's operator adds later are not.
 */
export const POOL_LABEL = "recommender/pool";

/** What the Kapsule API is told about the nodes of a pool. */
export interface PoolPlan {
  /** Nodes at the start; the autoscaler owns the number from then on. */
  readonly size: number;
  readonly minSize: number;
  readonly maxSize: number;
  readonly autoscaling: boolean;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly { readonly key: string; readonly value: string; readonly effect: string }[];
}

/**
 * Sizes, labels and taints of a pool.
 * A pool starts at its minimum: the provider reads minSize 0 beside size 1 as "not given" and makes it 1, and a
 * maxSize of 0 as the size, which could never grow.
 * @throws Error if the pool cannot exist
 */
export function planPool(name: string, settings: PoolSettings): PoolPlan {
  const { kind, minNodes, maxNodes, labels } = settings;
  if (minNodes > maxNodes)
    throw new Error(
      `Pool "${name}" has minNodes ${minNodes} above maxNodes ${maxNodes}. Raise maxNodes or lower minNodes.`,
    );
  if (maxNodes < 1) throw new Error(`Pool "${name}" has maxNodes ${maxNodes}. Give 1 or more, or remove the pool.`);
  return {
    size: minNodes,
    minSize: minNodes,
    maxSize: maxNodes,
    autoscaling: minNodes < maxNodes,
    labels: { ...labels, [POOL_LABEL]: name },
    taints: kind === "gpu" ? [GPU_TAINT] : [],
  };
}

/**
 * Names of the pools in the order in which they can be made: those of a lasting node first, since a mutualized
 * control plane refuses an empty pool until another one has a node.
 */
export function poolsInOrder(pools: Readonly<Record<string, PoolSettings>>): { first: string[]; later: string[] } {
  const names = Object.keys(pools);
  const lasts = (name: string) => pools[name]?.kind === "cpu" && pools[name].minNodes > 0;
  return { first: names.filter(lasts), later: names.filter((name) => !lasts(name)) };
}
