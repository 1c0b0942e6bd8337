import type { Amounts } from "../kubernetes/quantity";
import type { NodeShape } from "./node-shape";
import type { PodNeeds } from "./pod-needs";
import type { ApiPool } from "./scaleway-pools";

/** One way to help: so many nodes of this pool for these pods. */
export interface Option {
  readonly pool: ApiPool;
  readonly nodes: readonly NodeShape[];
  readonly pods: readonly PodNeeds[];
}

/**
 * Chooses among options. `price`: least EUR per hour for what the helped pods ask; `least_waste`: least share of cpu
 * and memory left idle; `most_pods`: most pods helped; `random`: any. `priority` needs a ConfigMap that only an
 * administrator of the managed autoscaler writes, so it falls back to price. Equal options: the cheaper, then by name.
 */
export function choose(options: readonly Option[], expander: string, random: () => number): Option | undefined {
  const ordered = [...options].sort(
    (a, b) => perHour(a) - perHour(b) || a.pool.name.localeCompare(b.pool.name) || a.pool.id.localeCompare(b.pool.id),
  );
  if (expander === "random") return ordered[Math.floor(random() * ordered.length)];
  const score = SCORES[expander] ?? priceOfWork;
  return ordered.reduce<Option | undefined>(
    (best, option) => (best === undefined || score(option) < score(best) ? option : best),
    undefined,
  );
}

const SCORES: Readonly<Record<string, (option: Option) => number>> = {
  price: priceOfWork,
  priority: priceOfWork,
  least_waste: waste,
  most_pods: ({ pods }) => -pods.length,
};

function perHour({ pool, nodes }: Option): number {
  return (pool.node_price_per_hour ?? 0) * nodes.length;
}

/** EUR per hour divided by the worth of the work, so that a pool that helps more may cost more. */
function priceOfWork(option: Option): number {
  const worth = option.pods.reduce((total, { requests }) => total + worthOf(requests), 0);
  return perHour(option) / Math.max(worth, 1e-9);
}

/** Rough list prices per hour: a core 0.02, a GiB 0.005, a GPU 0.7 EUR; a pod that asks nothing still counts. */
function worthOf(requests: Amounts): number {
  const gib = (requests["memory"] ?? 0) / 2 ** 30;
  return 0.001 + 0.02 * (requests["cpu"] ?? 0) + 0.005 * gib + 0.7 * (requests["nvidia.com/gpu"] ?? 0);
}

function waste({ nodes }: Option): number {
  const share = (resource: string) => {
    const total = nodes.reduce((sum, { allocatable }) => sum + (allocatable[resource] ?? 0), 0);
    const idle = nodes.reduce((sum, { free }) => sum + (free[resource] ?? 0), 0);
    return total > 0 ? idle / total : 0;
  };
  return share("cpu") + share("memory");
}
