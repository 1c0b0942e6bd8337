/* eslint-disable @typescript-eslint/no-unsafe-assignment -- assertions on manifests of every kind */
import assert from "node:assert/strict";
import { GPU_TAINT } from "../../../infra/cloud/pool-plan";
import { Pools } from "../../../infra/cloud/pools";
import type { PoolSettings } from "../../../infra/settings/pools";
import { deploy } from "../../support/deploy";
import { settingsOf } from "../../support/settings";

const { project, cluster } = settingsOf("dev");
const withGpu = { project, clusterId: "fr-par/0", pools: cluster.pools };
const cpu = cluster.pools["cpu"] as PoolSettings;
const withoutGpu = { ...withGpu, pools: { cpu } };

describe("Pools", () => {
  it("starts the GPU pool with no node and keeps ordinary pods off it", async () => {
    const { inputsOf } = await deploy(() => new Pools("pools", withGpu));

    const { size, minSize, maxSize, taints, startupTaints } = inputsOf("pools-gpu");
    assert.deepEqual({ size, minSize, maxSize, taints }, { size: 0, minSize: 0, maxSize: 2, taints: [GPU_TAINT] });
    // The provider of this version writes them into the taints.
    assert.equal(startupTaints, undefined);
  });

  it("makes the GPU pool after the CPU pool has a node, since an empty pool is refused before", async () => {
    const { of } = await deploy(() => new Pools("pools", withGpu));

    assert.ok(of("pools-gpu").dependencies.includes(of("pools-cpu").urn));
    assert.ok(!of("pools-cpu").dependencies.includes(of("pools-gpu").urn));
  });

  it("leaves the size of a pool to the autoscaler once it exists", async () => {
    const { of } = await deploy(() => new Pools("pools", withGpu));

    assert.deepEqual(of("pools-gpu").ignoreChanges, ["size"]);
  });

  it("rents no GPU where the environment asks for none", async () => {
    const { names } = await deploy(() => new Pools("pools", withoutGpu));

    assert.deepEqual(names, ["pools", "pools-cpu"]);
  });

  it("adds a pool for nothing but its entry, in its own zone", async () => {
    const memory: PoolSettings = { ...cpu, nodeType: "POP2-HM-4C-32G", zone: "fr-par-1", minNodes: 0 };
    const { inputsOf } = await deploy(() => new Pools("pools", { ...withGpu, pools: { ...cluster.pools, memory } }));

    const { nodeType, zone, labels } = inputsOf("pools-memory");
    assert.deepEqual(
      { nodeType, zone, labels },
      {
        nodeType: "POP2-HM-4C-32G",
        zone: "fr-par-1",
        labels: { "recommender/pool": "memory" },
      },
    );
  });

  it("refuses a pool that cannot exist, naming it", async () => {
    const wrong = { ...withoutGpu, pools: { cpu: { ...cpu, minNodes: 9 } } };

    await assert.rejects(
      deploy(() => new Pools("pools", wrong)),
      /Pool "cpu" has minNodes 9 above maxNodes 2/,
    );
  });
});
