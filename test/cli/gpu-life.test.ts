import assert from "node:assert/strict";
import { PoolLife } from "../../local/cli/gpu-life";
import type { Node } from "../../local/cli/scaleway-api";

const node = (id: string, status: string, createdAt: number): Node => ({
  id,
  name: `scw-${id}`,
  pool_id: "pool",
  status,
  created_at: new Date(createdAt).toISOString(),
});

describe("Life of a pool", () => {
  it("goes from zero to one and back, with the time its node took to be ready", () => {
    const life = new PoolLife();

    life.observe([], 0);
    life.observe([node("a", "starting", 1000)], 1500);
    life.observe([node("a", "ready", 1000)], 4000);
    life.observe([], 9000);

    assert.deepEqual(life.nodes, [{ name: "scw-a", createdAt: 1000, readyAt: 4000, goneAt: 9000 }]);
    assert.deepEqual(life.sizes, [
      { at: 1000, size: 1 },
      { at: 9000, size: 0 },
    ]);
    assert.equal(life.empty, true);
  });

  it("counts nodes that are there at the same time", () => {
    const life = new PoolLife();

    life.observe([node("a", "ready", 1000), node("b", "ready", 2000)], 2500);
    life.observe([node("b", "ready", 2000)], 5000);

    assert.deepEqual(
      life.sizes.map(({ size }) => size),
      [1, 2, 1],
    );
    assert.equal(life.empty, false);
  });

  it("is empty where no node ever was", () => {
    assert.equal(new PoolLife().empty, true);
  });
});
