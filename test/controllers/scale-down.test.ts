import { strict as assert } from "node:assert";
import {
  planScaleDown,
  type NodeState,
  type ScaleDownInput,
} from "../../local/kapsule/controllers/autoscaler/scale-down";
import type { Settings } from "../../local/kapsule/controllers/autoscaler/settings";
import type { Pod } from "../../local/kubernetes/objects";
import { gpuPool, GPU_TOLERATION, needs, node, pod, pool } from "./fixtures";

const NOW = 1_000_000_000;
const SETTINGS: Settings = {
  scaleDownDisabled: false,
  delayAfterAddSeconds: 600,
  unneededSeconds: 300,
  utilisationThreshold: 0.5,
  ignoreDaemonSets: false,
  balanceSimilar: false,
  priorityCutoff: -10,
  gracefulTerminationSeconds: 60,
  skipNodesWithLocalStorage: true,
  expander: "price",
};

function plan(nodes: readonly NodeState[], input: Partial<ScaleDownInput> = {}, settings: Partial<Settings> = {}) {
  const result = planScaleDown({
    nodes,
    budgets: [],
    // Unless a case says otherwise, each node has been unneeded for a day.
    unneededSince: new Map(nodes.map(({ shape }) => [shape.name, NOW - 86_400_000])),
    lastAdd: 0,
    lastFailure: 0,
    now: NOW,
    settings: { ...SETTINGS, ...settings },
    timing: { unreadySeconds: 1200, delayAfterFailureSeconds: 180 },
    needsOf: needs,
    ...input,
  });
  return {
    removed: result.removals.map((removal) => removal.node.metadata.name),
    kept: Object.fromEntries(result.kept),
    unneeded: [...result.unneededSince.keys()],
    evicted: result.removals.flatMap(({ evict }) => evict.map(({ metadata }) => metadata.name)),
  };
}

const cpu = pool("cpu", { size: 2, min_size: 0 });
const gpu = gpuPool({ size: 1 });
const ended = (one: Pod): Pod => ({ ...one, status: { phase: "Succeeded" } });
const small = (name: string, metadata = {}) => pod(name, { cpu: "100m" }, {}, metadata);

describe("Scale-down", () => {
  it("removes a GPU node whose only job has completed", () => {
    const job = ended(pod("training", { "nvidia.com/gpu": "1" }, { tolerations: [GPU_TOLERATION] }));

    assert.deepEqual(plan([node("gpu-1", gpu, [job])]).removed, ["gpu-1"]);
  });

  it("keeps a GPU node while its job runs, whatever its cores do", () => {
    const job = pod("training", { "nvidia.com/gpu": "1" }, { tolerations: [GPU_TOLERATION] });

    assert.match(
      plan([node("gpu-1", gpu, [job])]).kept["gpu-1"] ?? "",
      /nvidia.com\/gpu requested 100 %, threshold 50 %/,
    );
  });

  it("waits until the node has been unneeded for long enough, counted from the first time it was seen so", () => {
    const first = plan([node("a", cpu, [])], { unneededSince: new Map() });
    assert.deepEqual([first.removed, first.unneeded], [[], ["a"]]);
    const early = plan([node("a", cpu, [])], { unneededSince: new Map([["a", NOW - 299_000]]) });
    assert.match(early.kept["a"] ?? "", /removed in 1 s/);

    assert.deepEqual(plan([node("a", cpu, [])], { unneededSince: new Map([["a", NOW - 300_000]]) }).removed, ["a"]);
  });

  it("waits after the last scale-up and after a failed removal", () => {
    assert.match(
      plan([node("a", cpu, [])], { lastAdd: NOW - 599_000 }).kept["a"] ?? "",
      /waiting 1 s after the last scale-up/,
    );
    assert.match(
      plan([node("a", cpu, [])], { lastFailure: NOW - 1000 }).kept["a"] ?? "",
      /waiting 179 s after a removal/,
    );

    assert.deepEqual(plan([node("a", cpu, [])], { lastAdd: NOW - 600_000, lastFailure: NOW - 180_000 }).removed, ["a"]);
  });

  it("stays at the minimum, nodes that are still draining counted as gone", () => {
    const guarded = pool("cpu", { size: 2, min_size: 1 });
    const empty = plan([node("a", guarded, []), node("b", guarded, [])]);
    assert.equal(empty.removed.length, 1);
    const leaving = plan([node("a", guarded, [], { leaving: true }), node("b", guarded, [])]);

    assert.deepEqual([leaving.removed, leaving.kept["b"]], [[], "pool cpu is at its minimum of 1"]);
  });

  it("removes empty nodes together, and nodes with pods one by one", () => {
    assert.deepEqual(plan([node("a", cpu, []), node("b", cpu, [])]).removed, ["a", "b"]);
    const three = pool("cpu", { size: 3 });
    const nodes = [
      node("a", three, [small("one")]),
      node("b", three, [small("two")]),
      node("c", three, [small("three")]),
    ];

    assert.deepEqual(plan(nodes).removed, ["a"]);
    assert.deepEqual(plan([...nodes.slice(0, 2), node("c", three, [], { leaving: true })]).removed, []);
  });

  it("does not count on a node that is itself about to go", () => {
    const half = pool("cpu", { size: 2 });
    const nodes = [
      node("a", half, [pod("one", { cpu: "1900m" })]),
      node("b", half, [pod("two", { cpu: "1900m" }), pod("three", { cpu: "10m" })]),
    ];
    const result = plan(nodes);

    assert.deepEqual([result.removed, result.evicted], [["a"], ["one"]]);
    assert.match(result.kept["b"] ?? "", /fits on no other node/);
  });

  for (const [what, one, settings, reason] of [
    ["has no controller", small("bare", { ownerReferences: [] }), {}, /has no controller/],
    ["is of kube-system without a budget", small("system", { namespace: "kube-system" }), {}, /is of kube-system/],
    [
      "must not be evicted",
      small("pinned", { annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" } }),
      {},
      /safe-to-evict=false/,
    ],
    [
      "keeps data on the node",
      pod("cache", {}, { volumes: [{ name: "tmp", emptyDir: {} }] }),
      {},
      /keeps data on the node \(volume tmp\)/,
    ],
    [
      "keeps data on the node, which is allowed",
      pod("cache", {}, { volumes: [{ name: "tmp", emptyDir: {} }] }),
      { skipNodesWithLocalStorage: false },
      undefined,
    ],
    [
      "has its data in memory",
      pod("cache", {}, { volumes: [{ name: "tmp", emptyDir: { medium: "Memory" } }] }),
      {},
      undefined,
    ],
    [
      "is bare but may be evicted",
      small("bare", { ownerReferences: [], annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "true" } }),
      {},
      undefined,
    ],
    [
      "belongs to a daemon set",
      small("daemon", { ownerReferences: [{ kind: "DaemonSet", name: "d", controller: true }] }),
      {},
      undefined,
    ],
    ["is expendable and bare", pod("batch", {}, { priority: -20 }, { ownerReferences: [] }), {}, undefined],
  ] as const)
    it(`${reason ? "keeps" : "removes"} a node whose pod ${what}`, () => {
      const result = plan([node("a", cpu, [one]), node("other", cpu, [pod("busy", { cpu: "3" })])], {}, settings);

      if (reason) assert.match(result.kept["a"] ?? "", reason);
      else assert.deepEqual(result.removed, ["a"]);
    });

  it("respects disruption budgets, of all pods on the node together", () => {
    const labelled = (name: string) => small(name, { labels: { app: "web" } });
    const budget = (disruptionsAllowed: number) => ({
      metadata: { name: "web", namespace: "default", uid: "web" },
      spec: { selector: { matchLabels: { app: "web" } } },
      status: { disruptionsAllowed },
    });
    const nodes = [node("a", cpu, [labelled("one"), labelled("two")]), node("other", cpu, [pod("busy", { cpu: "3" })])];

    assert.match(plan(nodes, { budgets: [budget(0)] }).kept["a"] ?? "", /budget web allows no disruption now/);
    assert.match(
      plan(nodes, { budgets: [budget(1)] }).kept["a"] ?? "",
      /allows fewer disruptions than it has pods here/,
    );
    assert.deepEqual(plan(nodes, { budgets: [budget(2)] }).removed, ["a"]);
  });

  it("counts daemon sets as use unless told not to", () => {
    const daemon = pod(
      "daemon",
      { cpu: "3" },
      {},
      { ownerReferences: [{ kind: "DaemonSet", name: "d", controller: true }] },
    );

    assert.deepEqual(plan([node("a", cpu, [daemon])]).removed, []);
    assert.deepEqual(plan([node("a", cpu, [daemon])], {}, { ignoreDaemonSets: true }).removed, ["a"]);
  });

  it("touches nothing that is switched off, awaited, annotated or not of an autoscaled pool", () => {
    const annotated = node("a", cpu, []);
    const annotations = { "cluster-autoscaler.kubernetes.io/scale-down-disabled": "true" };
    const metadata = { ...annotated.node.metadata, annotations };

    assert.deepEqual(plan([node("a", cpu, [])], {}, { scaleDownDisabled: true }).removed, []);
    assert.deepEqual(plan([node("a", cpu, [], { awaited: true })]).removed, []);
    assert.deepEqual(plan([{ ...annotated, node: { ...annotated.node, metadata } }]).removed, []);
    assert.deepEqual(plan([node("a", cpu, [], { group: undefined })]).removed, []);
  });

  it("gives a silent node more time, and then lets it go whatever is on it", () => {
    const silent = node("a", cpu, [pod("busy", { cpu: "4" })], { ready: false });

    assert.deepEqual(plan([silent], { unneededSince: new Map([["a", NOW - 1199_000]]) }).removed, []);
    assert.deepEqual(plan([silent], { unneededSince: new Map([["a", NOW - 1200_000]]) }).removed, ["a"]);
  });
});
