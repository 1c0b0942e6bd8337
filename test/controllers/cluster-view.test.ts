import { strict as assert } from "node:assert";
import { Backoff } from "../../local/kapsule/controllers/autoscaler/backoff";
import { viewCluster, type ViewInput } from "../../local/kapsule/controllers/autoscaler/cluster-view";
import type { ApiNode } from "../../local/kapsule/controllers/autoscaler/scaleway-pools";
import { TIMING } from "../../local/kapsule/controllers/autoscaler/settings";
import type { Node, NodeTaint } from "../../local/kubernetes/objects";
import { gpuPool, pool } from "./fixtures";

const NOW = Date.parse("2026-01-01T12:00:00Z");
const young = "2026-01-01T11:59:00Z";
const old = "2026-01-01T11:00:00Z";

const apiNode = (name: string, poolId: string, fields: Partial<ApiNode> = {}): ApiNode => ({
  id: `api-${name}`,
  pool_id: poolId,
  provider_id: `scaleway://instance/fr-par-1/${name}`,
  name,
  status: "ready",
  created_at: young,
  ...fields,
});
const kubernetesNode = (
  name: string,
  ready: boolean,
  fields: { labels?: Record<string, string>; taints?: NodeTaint[]; gpus?: string } = {},
): Node => ({
  metadata: { name, uid: name, creationTimestamp: young, labels: fields.labels },
  spec: { providerID: `scaleway://instance/fr-par-1/${name}`, taints: fields.taints },
  status: {
    allocatable: { cpu: "8", "nvidia.com/gpu": fields.gpus ?? "0" },
    conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
  },
});
const view = (input: Partial<ViewInput> & Pick<ViewInput, "inventory">) =>
  viewCluster({
    nodes: [],
    pods: [],
    daemonSets: [],
    region: "fr-par",
    now: NOW,
    provisionSeconds: 900,
    held: () => undefined,
    removing: new Set(),
    ...input,
  });

describe("View of a cluster", () => {
  const gpu = gpuPool({ size: 2 });
  const inventory = (nodes: ApiNode[]) => ({ pools: [gpu], nodes, maxAgeSeconds: 1 });

  it("counts what was ordered and has not registered as on its way", () => {
    const { upcoming } = view({
      inventory: inventory([apiNode("a", gpu.id)]),
      nodes: [kubernetesNode("a", true, { gpus: "1" })],
    });

    assert.deepEqual(
      upcoming.map(({ name }) => name),
      ["gpu-upcoming-0"],
    );
    assert.equal(upcoming[0]?.free["nvidia.com/gpu"], 1);
  });

  for (const [what, node] of [
    ["is not ready", kubernetesNode("a", false)],
    [
      "is still tainted not-ready",
      kubernetesNode("a", true, { gpus: "1", taints: [{ key: "node.kubernetes.io/not-ready", effect: "NoSchedule" }] }),
    ],
    ["waits for its GPU", kubernetesNode("a", true, { labels: { "k8s.scw.cloud/gpu": "L4" } })],
  ] as const)
    it(`lets a young node that ${what} take what its pool promises`, () => {
      const one = { ...gpu, size: 1 };
      const { upcoming, nodes } = view({
        inventory: { pools: [one], nodes: [apiNode("a", gpu.id)], maxAgeSeconds: 1 },
        nodes: [node],
      });

      assert.deepEqual(
        upcoming.map(({ name, free }) => [name, free["nvidia.com/gpu"]]),
        [["a", 1]],
      );
      assert.equal(nodes[0]?.ready, false);
    });

  it("expects no replacement for a node that is leaving", () => {
    const leaving = kubernetesNode("a", true, {
      taints: [{ key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule" }],
    });
    const one = { ...gpu, size: 0 };
    const result = view({ inventory: { pools: [one], nodes: [], maxAgeSeconds: 1 }, nodes: [leaving] });

    assert.deepEqual([result.upcoming, result.nodes[0]?.leaving], [[], true]);
  });

  it("finds orders that failed and nodes that never registered", () => {
    const nodes = [
      apiNode("failed", gpu.id, { status: "creation_error" }),
      apiNode("late", gpu.id, { status: "starting", created_at: old }),
      apiNode("soon", gpu.id, { status: "starting" }),
    ];
    const { failed, late } = view({ inventory: inventory(nodes) });

    assert.deepEqual([failed.map(({ name }) => name), late.map(({ name }) => name)], [["failed"], ["late"]]);
  });

  it("leaves pools alone that are not autoscaled or are being deleted", () => {
    const pools = [pool("fixed", { autoscaling: false }), pool("going", { status: "deleting" }), pool("kept")];
    const result = view({ inventory: { pools, nodes: [], maxAgeSeconds: 1 } });

    assert.deepEqual(
      result.pools.map((state) => state.pool.name),
      ["kept"],
    );
  });
});

describe("Back-off of a pool", () => {
  it("doubles from five minutes to half an hour, and is short when only the connection failed", () => {
    const backoff = new Backoff(TIMING);
    const pauses: number[] = [];
    let now = 0;
    for (let failure = 0; failure < 5; failure++) {
      backoff.failed("gpu", "out of stock", now);
      let seconds = 0;
      while (backoff.held("gpu", now + seconds * 1000)) seconds += 5;
      pauses.push(seconds);
      now += seconds * 1000;
    }
    backoff.failed("cpu", "connection refused", now, true);

    assert.deepEqual(pauses, [300, 600, 1200, 1800, 1800]);
    assert.ok(backoff.held("cpu", now + 4999) && !backoff.held("cpu", now + 5000));
  });
});
