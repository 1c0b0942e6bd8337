import assert from "node:assert/strict";
import fc from "fast-check";
import { GPU_TAINT, planPool, POOL_LABEL, poolsInOrder } from "../../../infra/cloud/pool-plan";
import type { PoolSettings } from "../../../infra/settings/pools";

const pool = (changes: Partial<PoolSettings>): PoolSettings => ({
  kind: "cpu",
  nodeType: "GP1-XS",
  minNodes: 1,
  maxNodes: 2,
  autohealing: true,
  labels: {},
  ...changes,
});
const anyPool = fc
  .record({
    kind: fc.constantFrom("cpu" as const, "gpu" as const),
    nodes: fc.tuple(fc.nat(50), fc.nat(50)),
  })
  .map(({ kind, nodes: [a, b] }) => pool({ kind, minNodes: Math.min(a, b), maxNodes: Math.max(a, b, 1) }));

describe("A pool's plan", () => {
  it("starts a GPU pool with no node, room to grow, and ordinary pods kept off", () => {
    const { size, minSize, maxSize, autoscaling, taints } = planPool("gpu", pool({ kind: "gpu", minNodes: 0 }));

    assert.deepEqual({ size, minSize, maxSize, autoscaling }, { size: 0, minSize: 0, maxSize: 2, autoscaling: true });
    assert.deepEqual(taints, [GPU_TAINT]);
  });

  it("leaves a pool of one size to itself", () => {
    assert.equal(planPool("cpu", pool({ minNodes: 2, maxNodes: 2 })).autoscaling, false);
  });

  it("labels nodes with the pool's name, whatever else is asked for", () => {
    const { labels } = planPool("cpu", pool({ labels: { tier: "fast", [POOL_LABEL]: "another" } }));

    assert.deepEqual(labels, { tier: "fast", [POOL_LABEL]: "cpu" });
  });

  it("never asks the API for what it reads differently: size within bounds, room for a node, minimum as given", () => {
    fc.assert(
      fc.property(anyPool, (settings) => {
        const { size, minSize, maxSize, autoscaling } = planPool("any", settings);
        assert.ok(minSize <= size && size <= maxSize && maxSize >= 1);
        // The provider makes minSize 1 of 0 wherever the size is not 0.
        assert.ok(minSize > 0 || size === 0);
        assert.equal(autoscaling, minSize < maxSize);
      }),
    );
  });

  it("refuses bounds that contradict each other, with the remedy", () => {
    assert.throws(
      () => planPool("gpu", pool({ minNodes: 3 })),
      new Error('Pool "gpu" has minNodes 3 above maxNodes 2. Raise maxNodes or lower minNodes.'),
    );
    assert.throws(() => planPool("gpu", pool({ minNodes: 0, maxNodes: 0 })), /has maxNodes 0\. Give 1 or more/);
  });

  it("makes pools with a lasting node before those that may be empty, and forgets none", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anyPool), (pools) => {
        const { first, later } = poolsInOrder(pools);
        assert.deepEqual([...first, ...later].sort(), Object.keys(pools).sort());
        assert.ok(first.every((name) => (pools[name]?.minNodes ?? 0) > 0));
      }),
    );
  });
});
