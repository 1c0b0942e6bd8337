import { choose, type Option } from "./expander";
import { mismatch, placed, type NodeShape } from "./node-shape";
import type { PodNeeds } from "./pod-needs";
import type { ApiPool } from "./scaleway-pools";

export interface PoolState {
  readonly pool: ApiPool;
  /** The node it would add. */
  readonly template: NodeShape;
  /** Why it may not grow now although it is below its maximum, such as "in backoff after failed scale-up". */
  readonly held?: string;
}

export interface ScaleUpInput {
  readonly pending: readonly PodNeeds[];
  /** Nodes that are on their way, and room that the scheduler has not used yet. */
  readonly upcoming: readonly NodeShape[];
  readonly pools: readonly PoolState[];
  readonly expander: string;
  readonly balanceSimilar: boolean;
  readonly random: () => number;
}

export interface Increase {
  readonly pool: ApiPool;
  readonly from: number;
  readonly to: number;
  readonly pods: readonly PodNeeds[];
}

export interface ScaleUpPlan {
  readonly increases: readonly Increase[];
  /** Pods that a node on its way will take, with that node's name. */
  readonly awaiting: ReadonlyMap<PodNeeds, string>;
  /** Pods that no pool helps, each with the reasons and how many pools gave them. */
  readonly refused: ReadonlyMap<PodNeeds, ReadonlyMap<string, number>>;
}

/** Which pools grow by how much for the pods that found no node. Pure: the same input gives the same plan. */
export function planScaleUp(input: ScaleUpInput): ScaleUpPlan {
  const { left, awaiting } = fillUpcoming(input.pending, input.upcoming);
  const growth = new Map<string, { state: PoolState; count: number; pods: PodNeeds[] }>();
  let remaining = left;
  // One option a round; the pods it helps are gone from the next round, which therefore ends.
  for (;;) {
    const options = input.pools.flatMap((state) => {
      const room = state.held ? 0 : headroom(state.pool) - (growth.get(state.pool.id)?.count ?? 0);
      const option = estimate(state, remaining, room);
      return option ? [option] : [];
    });
    const option = choose(options, input.expander, input.random);
    if (!option) break;
    const helped = new Set(option.pods);
    remaining = remaining.filter((needs) => !helped.has(needs));
    for (const [state, count] of spread(option, input, growth)) {
      const entry = growth.get(state.pool.id) ?? { state, count: 0, pods: [] };
      growth.set(state.pool.id, { state, count: entry.count + count, pods: [...entry.pods, ...option.pods] });
    }
  }
  const increases = [...growth.values()].map(({ state: { pool }, count, pods }) => ({
    pool,
    from: pool.size,
    to: pool.size + count,
    pods,
  }));
  return { increases, awaiting, refused: new Map(remaining.map((needs) => [needs, reasonsFor(needs, input.pools)])) };
}

function fillUpcoming(pending: readonly PodNeeds[], upcoming: readonly NodeShape[]) {
  const shapes = [...upcoming];
  const awaiting = new Map<PodNeeds, string>();
  const left = pending.filter((needs) => {
    const index = shapes.findIndex((shape) => !mismatch(needs, shape));
    const shape = shapes[index];
    if (!shape) return true;
    shapes[index] = placed(shape, needs);
    awaiting.set(needs, shape.name);
    return false;
  });
  return { left, awaiting };
}

function headroom({ size, max_size }: ApiPool): number {
  return Math.max(0, max_size - size);
}

/** First fit, greediest pod first: how many nodes of the pool the pods need, at most `room`. */
function estimate({ pool, template }: PoolState, pods: readonly PodNeeds[], room: number): Option | undefined {
  if (room === 0) return undefined;
  const nodes: NodeShape[] = [];
  const helped: PodNeeds[] = [];
  for (const needs of [...pods].sort((a, b) => greed(b, template) - greed(a, template))) {
    let index = nodes.findIndex((node) => !mismatch(needs, node));
    if (index < 0) {
      if (nodes.length === room || mismatch(needs, template)) continue;
      // Each new node has a name of its own, or anti-affinity by name would see one node.
      nodes.push({ ...template, name: `${template.name}-${nodes.length}` });
      index = nodes.length - 1;
    }
    nodes[index] = placed(nodes[index] ?? template, needs);
    helped.push(needs);
  }
  return helped.length > 0 ? { pool, nodes, pods: helped } : undefined;
}

/** The part of a node that a pod takes, by its scarcest resource. */
function greed({ requests }: PodNeeds, { allocatable }: NodeShape): number {
  return Math.max(...Object.entries(requests).map(([name, amount]) => amount / (allocatable[name] ?? Infinity)));
}

/** With balance_similar_node_groups, pools that differ only in zone and name share the new nodes, smallest first. */
function spread(
  { pool, nodes }: Option,
  { pools, balanceSimilar }: ScaleUpInput,
  growth: ReadonlyMap<string, { count: number }>,
): Map<PoolState, number> {
  const grown = (state: PoolState) => state.pool.size + (growth.get(state.pool.id)?.count ?? 0);
  const shared = pools.filter(
    (state) => state.pool.id === pool.id || (balanceSimilar && !state.held && similar(state.pool, pool)),
  );
  const result = new Map<PoolState, number>();
  for (let index = 0; index < nodes.length; index++) {
    const smallest = shared
      .filter((state) => grown(state) + (result.get(state) ?? 0) < state.pool.max_size)
      .sort((a, b) => grown(a) + (result.get(a) ?? 0) - grown(b) - (result.get(b) ?? 0))[0];
    if (smallest) result.set(smallest, (result.get(smallest) ?? 0) + 1);
  }
  return result;
}

const OWN_LABELS = /^(k8s\.scaleway\.com\/pool|kubernetes\.io\/hostname|topology\.kubernetes\.io\/zone)/;

function similar(left: ApiPool, right: ApiPool): boolean {
  const traits = ({ node_type, taints = {}, labels = {}, allocatable = {} }: ApiPool) =>
    JSON.stringify([
      node_type,
      Object.entries(taints).sort(),
      Object.entries(allocatable).sort(),
      Object.entries(labels)
        .filter(([key]) => !OWN_LABELS.test(key))
        .sort(),
    ]);
  return traits(left) === traits(right);
}

function reasonsFor(needs: PodNeeds, pools: readonly PoolState[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { pool, template, held } of pools) {
    const reason =
      mismatch(needs, template) ??
      held ??
      (headroom(pool) === 0 ? "max node group size reached" : "no room left in this round");
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}
