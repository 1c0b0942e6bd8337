import { strict as assert } from "node:assert";
import fc from "fast-check";
import { shapeOfPool } from "../../local/kapsule/controllers/autoscaler/node-shape";
import { planScaleUp, type ScaleUpInput } from "../../local/kapsule/controllers/autoscaler/scale-up";
import type { Pod } from "../../local/kubernetes/objects";
import { gpuPool, GPU_TOLERATION, needs, pod, pool, state } from "./fixtures";

function plan(pods: readonly Pod[], input: Partial<ScaleUpInput>) {
  const defaults = { upcoming: [], pools: [], expander: "price", balanceSimilar: false, random: () => 0 };
  const result = planScaleUp({ ...defaults, pending: pods.map(needs), ...input });
  return {
    increases: Object.fromEntries(result.increases.map((one) => [one.pool.name, `${one.from}->${one.to}`])),
    awaiting: [...result.awaiting].map(([{ pod: one }, name]) => `${one.metadata.name} ${name}`),
    refused: Object.fromEntries(
      [...result.refused].map(([{ pod: one }, reasons]) => [one.metadata.name, [...reasons.keys()]]),
    ),
  };
}

const cpuPod = (name: string, cpu = "2") => pod(name, { cpu });
const gpuPod = (name: string) => pod(name, { "nvidia.com/gpu": "1" }, { tolerations: [GPU_TOLERATION] });

describe("Scale-up", () => {
  it("packs pods into as few nodes as they need", () => {
    const pods = ["a", "b", "c"].map((name) => cpuPod(name));

    assert.deepEqual(plan(pods, { pools: [state(pool("cpu"))] }).increases, { cpu: "0->2" });
  });

  it("serves pods of different kinds from different pools in one plan", () => {
    const result = plan([cpuPod("web"), gpuPod("training")], {
      pools: [state(pool("cpu", { size: 1 })), state(gpuPool())],
    });

    assert.deepEqual(result.increases, { cpu: "1->2", gpu: "0->1" });
  });

  it("stops at a pool's maximum and says so of the rest", () => {
    const result = plan([gpuPod("one"), gpuPod("two")], { pools: [state(gpuPool({ max_size: 1 }))] });

    assert.deepEqual(result, {
      increases: { gpu: "0->1" },
      awaiting: [],
      refused: { two: ["no room left in this round"] },
    });
    const full = plan([gpuPod("one")], { pools: [state(gpuPool({ size: 1, max_size: 1 }))] });
    assert.deepEqual(full.refused, { one: ["max node group size reached"] });
  });

  it("adds nothing for a pod that a node on its way will take", () => {
    const gpu = gpuPool({ size: 1 });
    const upcoming = [{ ...shapeOfPool(gpu, "fr-par", []), name: "coming" }];
    const result = plan([gpuPod("one"), gpuPod("two")], { pools: [state(gpu)], upcoming });

    assert.deepEqual(result, { increases: { gpu: "1->2" }, awaiting: ["one coming"], refused: {} });
  });

  it("leaves a pool in back-off alone and takes the next best", () => {
    const cheap = state(pool("cheap", { node_price_per_hour: 0.01 }), "in backoff");
    const result = plan([cpuPod("web")], { pools: [cheap, state(pool("dear"))] });

    assert.deepEqual(result.increases, { dear: "0->1" });
  });

  for (const [what, spec, reason] of [
    [
      "a selector on a label the pool has not",
      { nodeSelector: { "nvidia.com/gpu.present": "true" } },
      "node(s) didn't match Pod's node affinity/selector",
    ],
    ["no toleration for its taint", { tolerations: [] }, "node(s) had untolerated taint {nvidia.com/gpu: present}"],
    [
      "a toleration of another value",
      { tolerations: [{ key: "nvidia.com/gpu", value: "absent" }] },
      "node(s) had untolerated taint {nvidia.com/gpu: present}",
    ],
  ] as const)
    it(`refuses a pod with ${what}`, () => {
      const one = pod("one", { "nvidia.com/gpu": "1" }, { tolerations: [GPU_TOLERATION], ...spec });

      assert.deepEqual(plan([one], { pools: [state(gpuPool())] }).refused, { one: [reason] });
    });

  it("understands required node affinity", () => {
    const affinity = (operator: string, values: string[]) => ({
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: "topology.kubernetes.io/zone", operator, values }] }],
        },
      },
    });
    const pools = [state(pool("one")), state(pool("two", { zone: "fr-par-2", node_price_per_hour: 9 }))];
    const increases = (operator: string, zone: string) =>
      plan([pod("p", { cpu: "1" }, { affinity: affinity(operator, [zone]) })], { pools }).increases;

    assert.deepEqual(increases("In", "fr-par-2"), { two: "0->1" });
    assert.deepEqual(increases("NotIn", "fr-par-1"), { two: "0->1" });
    assert.deepEqual(increases("In", "fr-par-3"), {});
  });

  it("gives pods that repel each other a node each", () => {
    const term = { topologyKey: "kubernetes.io/hostname", labelSelector: { matchLabels: { app: "web" } } };
    const affinity = { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
    const pods = ["a", "b", "c"].map((name) => pod(name, { cpu: "100m" }, { affinity }, { labels: { app: "web" } }));

    assert.deepEqual(plan(pods, { pools: [state(pool("cpu"))] }).increases, { cpu: "0->3" });
  });

  it("counts the larger of running containers and init phase, and host ports", () => {
    const init = [{ resources: { requests: { cpu: "5" } } }];
    const refused = plan([pod("p", { cpu: "1" }, { initContainers: init })], { pools: [state(pool("cpu"))] }).refused;
    assert.deepEqual(refused, { p: ["Insufficient cpu"] });
    const ports = ["a", "b"].map((name) => pod(name, {}, { containers: [{ ports: [{ hostPort: 80 }] }] }));

    assert.deepEqual(plan(ports, { pools: [state(pool("cpu"))] }).increases, { cpu: "0->2" });
  });

  it("keeps room for the daemon sets of a new node", () => {
    const daemon = (cpu: string, selector = {}) => ({
      metadata: { name: "daemon", uid: "daemon" },
      spec: { template: { spec: { containers: [{ resources: { requests: { cpu } } }], nodeSelector: selector } } },
    });
    const withDaemon = (set: ReturnType<typeof daemon>) => {
      const one = pool("cpu");
      return plan([cpuPod("big", "4")], { pools: [{ pool: one, template: shapeOfPool(one, "fr-par", [set]) }] })
        .increases;
    };

    assert.deepEqual(withDaemon(daemon("100m")), {});
    assert.deepEqual(withDaemon(daemon("100m", { elsewhere: "yes" })), { cpu: "0->1" });
  });

  it("chooses by the expander", () => {
    const small = state(
      pool("small", { allocatable: { cpu: 2, memory: 8e9, pods: 110 }, node_price_per_hour: 0.1, max_size: 1 }),
    );
    const large = state(pool("large", { allocatable: { cpu: 16, memory: 64e9, pods: 110 }, node_price_per_hour: 0.3 }));
    const chosen = (expander: string, pods: readonly Pod[], random = () => 0) =>
      plan(pods, { pools: [small, large], expander, random }).increases;
    const one = [pod("a", { cpu: "1", memory: "4G" })];
    const two = [cpuPod("a", "1500m"), cpuPod("b", "1500m")];

    assert.deepEqual(chosen("price", one), { small: "0->1" });
    assert.deepEqual(chosen("priority", one), { small: "0->1" });
    assert.deepEqual(chosen("least_waste", one), { small: "0->1" });
    assert.deepEqual(chosen("most_pods", two), { large: "0->1" });
    assert.deepEqual(
      chosen("random", one, () => 0.99),
      { large: "0->1" },
    );
  });

  it("spreads over similar pools where that is asked for", () => {
    const pods = ["a", "b", "c", "d"].map((name) => cpuPod(name, "4"));
    const pools = [
      state(pool("one")),
      state(pool("two", { zone: "fr-par-2" })),
      state(pool("other", { node_type: "gp1_xs", node_price_per_hour: 1 })),
    ];

    assert.deepEqual(plan(pods, { pools, balanceSimilar: true }).increases, {
      one: "0->2",
      two: "0->2",
    });
  });

  it("never exceeds a maximum, and accounts for each pod exactly once", () => {
    const anyPod = fc.record({
      cpu: fc.integer({ min: 0, max: 9 }),
      gpu: fc.integer({ min: 0, max: 1 }),
      tolerant: fc.boolean(),
    });
    const anyPool = fc.record({
      cpu: fc.integer({ min: 1, max: 8 }),
      size: fc.integer({ min: 0, max: 3 }),
      max: fc.integer({ min: 0, max: 5 }),
      gpu: fc.boolean(),
      price: fc.double({ min: 0, max: 5, noNaN: true }),
    });
    fc.assert(
      fc.property(
        fc.array(anyPod, { maxLength: 12 }),
        fc.array(anyPool, { maxLength: 4 }),
        fc.boolean(),
        fc.constantFrom("price", "random", "most_pods", "least_waste"),
        (pods, pools, balanceSimilar, expander) => {
          const pending = pods.map(({ cpu, gpu, tolerant }, index) =>
            needs(
              pod(
                `p${index}`,
                { cpu: `${cpu}`, ...(gpu ? { "nvidia.com/gpu": "1" } : {}) },
                { tolerations: tolerant ? [GPU_TOLERATION] : [] },
              ),
            ),
          );
          const states = pools.map(({ cpu, size, max, gpu, price }, index) => {
            const base = gpu ? gpuPool() : pool("cpu");
            const allocatable = { ...base.allocatable, cpu };
            return state({
              ...base,
              id: `${index}`,
              name: `pool-${index}`,
              size,
              max_size: max,
              node_price_per_hour: price,
              allocatable,
            });
          });
          const result = planScaleUp({
            pending,
            upcoming: [],
            pools: states,
            expander,
            balanceSimilar,
            random: () => 0.5,
          });
          for (const { pool: grown, from, to } of result.increases)
            assert.ok(
              from === grown.size && to > from && to <= grown.max_size,
              `${grown.name} ${from}->${to} of ${grown.max_size}`,
            );
          const helped = new Set(result.increases.flatMap((increase) => increase.pods));
          assert.equal(helped.size + result.refused.size, pending.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
