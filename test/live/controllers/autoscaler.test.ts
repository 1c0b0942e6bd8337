import { strict as assert } from "node:assert";
import { pool } from "./support/fake-scaleway";
import { TestCluster } from "./support/cluster";
import { until } from "./support/until";
import { createDeployment, createJob, eventsOf, GPU_TOLERATION, podsOf, report } from "./support/workload";

const GPU_TAINT = { "nvidia.com/gpu": "present:NoSchedule" };
const cpuPool = () => pool("cpu", { size: 1, min_size: 1, max_size: 3 });
const gpuPool = () =>
  pool("gpu", {
    max_size: 2,
    capacity: { "nvidia.com/gpu": 1, cpu: 8 },
    taints: GPU_TAINT,
    labels: { "k8s.scw.cloud/gpu": "NVIDIA-L4" },
  });

describe("Autoscaler on a real control plane", () => {
  let cluster: TestCluster;

  before(async () => {
    cluster = await TestCluster.start([cpuPool(), gpuPool()]);
    cluster.startControllers();
  });
  after(() => cluster.stop());
  afterEach(async function () {
    if (this.currentTest?.state === "failed") console.log(cluster.log);
    cluster.scaleway.fault = undefined;
    const collections = ["/apis/batch/v1/namespaces/default/jobs", "/apis/apps/v1/namespaces/default/deployments"];
    for (const path of collections) await cluster.client.json("DELETE", `${path}?propagationPolicy=Background`);
    await until("the workload is gone", async () => (await podsOf(cluster.client, "")).length === 0);
    const { scaleway } = cluster;
    await until("the pools are back", () =>
      Promise.resolve(scaleway.pool("cpu").size === 1 && scaleway.pool("gpu").size === 0),
    );
  });

  const scheduled = (owner: string) =>
    until(`a pod of ${owner} has a node`, async () =>
      (await podsOf(cluster.client, owner)).find(({ spec }) => spec.nodeName),
    );

  it("grows the GPU pool from zero for a GPU job and shrinks it once the job has completed", async () => {
    await createJob(cluster.client, "training", { requests: { "nvidia.com/gpu": "1" }, tolerations: [GPU_TOLERATION] });
    const pod = await scheduled("training");
    assert.match(pod.spec.nodeName ?? "", /^scw-test-gpu-/);
    assert.equal(cluster.scaleway.pool("cpu").size, 1);
    await report(cluster.client, pod, "Succeeded");
    await until("the GPU pool is empty again", () => Promise.resolve(cluster.scaleway.pool("gpu").size === 0));

    assert.ok((await podsOf(cluster.client, "training")).length === 1, "the completed pod is still there");
    const told = await eventsOf(cluster.client, "Pod", "training");
    assert.match(told.find(({ reason }) => reason === "TriggeredScaleUp")?.message ?? "", /gpu 0->1 \(max: 2\)/);
    assert.ok((await eventsOf(cluster.client, "Node", "scw-test-gpu")).some(({ reason }) => reason === "ScaleDown"));
  });

  it("takes the cheaper pool where both fit, and as many nodes as the pods need", async () => {
    await createDeployment(cluster.client, "serving", 5, { requests: { cpu: "1500m" }, tolerations: [GPU_TOLERATION] });
    await until("every pod has a node", async () => {
      const pods = await podsOf(cluster.client, "serving");
      return pods.length === 5 && pods.every(({ spec }) => spec.nodeName);
    });

    assert.deepEqual([cluster.scaleway.pool("cpu").size, cluster.scaleway.pool("gpu").size], [3, 0]);
  });

  it("says on the pod why no pool can help", async () => {
    await createJob(cluster.client, "impossible", { requests: { cpu: "64" } });
    await createJob(cluster.client, "elsewhere", { requests: { cpu: "1" }, nodeSelector: { disk: "fast" } });
    const reasons = async (owner: string) =>
      (await eventsOf(cluster.client, "Pod", owner)).find(({ reason }) => reason === "NotTriggerScaleUp")?.message;

    assert.match(
      await until("reason 1", () => reasons("impossible")),
      /1 Insufficient cpu, 1 node\(s\) had untolerated taint/,
    );
    assert.match(
      await until("reason 2", () => reasons("elsewhere")),
      /2 node\(s\) didn't match Pod's node affinity\/selector/,
    );
    assert.deepEqual([cluster.scaleway.pool("cpu").size, cluster.scaleway.pool("gpu").size], [1, 0]);
  });

  it("moves the pods of an underused node before it removes the node", async () => {
    await createDeployment(cluster.client, "moving", 4, { requests: { cpu: "1500m" } });
    const pods = await until("every pod has a node", async () => {
      const found = await podsOf(cluster.client, "moving");
      return found.length === 4 && found.every(({ spec }) => spec.nodeName) && found;
    });
    for (const pod of pods) await report(cluster.client, pod, "Running");
    assert.equal(cluster.scaleway.pool("cpu").size, 2);
    const scale = "/apis/apps/v1/namespaces/default/deployments/moving/scale";
    await cluster.client.json("PATCH", scale, { spec: { replicas: 2 } }, "application/merge-patch+json");
    await until("one node is left", () => Promise.resolve(cluster.scaleway.pool("cpu").size === 1));

    await until("both pods are on it", async () => {
      const left = await podsOf(cluster.client, "moving");
      const nodes = new Set(left.map(({ spec }) => spec.nodeName));
      return left.length === 2 && nodes.size === 1 && !nodes.has(undefined);
    });
  });

  it("goes on after a kill in the middle of growing and in the middle of a removal", async () => {
    await cluster.killControllers();
    await createJob(cluster.client, "patient", { requests: { "nvidia.com/gpu": "1" }, tolerations: [GPU_TOLERATION] });
    cluster.startControllers();
    const pod = await scheduled("patient");
    cluster.scaleway.fault = { match: "DELETE /k8s/", status: 503, body: { message: "not now" } };
    await report(cluster.client, pod, "Succeeded");
    await until("the removal has begun", () =>
      Promise.resolve(cluster.scaleway.calls.some(({ method }) => method === "DELETE")),
    );
    await until("the node is closed", async () => {
      const node = await cluster.client.json<{ spec: { unschedulable?: boolean } }>(
        "GET",
        `/api/v1/nodes/${pod.spec.nodeName}`,
      );
      return node.spec.unschedulable === true;
    });
    await cluster.killControllers();
    cluster.scaleway.fault = undefined;
    cluster.startControllers();

    await until("the removal is finished", () => Promise.resolve(cluster.scaleway.pool("gpu").size === 0));
  });

  it("rests a pool that is out of stock and uses it for nobody meanwhile", async () => {
    cluster.scaleway.fault = {
      match: "PATCH /k8s/",
      status: 503,
      body: { type: "out_of_stock", message: "resource is out of stock" },
    };
    await createJob(cluster.client, "stockless", {
      requests: { "nvidia.com/gpu": "1" },
      tolerations: [GPU_TOLERATION],
    });
    const events = async (reason: string) =>
      (await eventsOf(cluster.client, "Pod", "stockless")).find((event) => event.reason === reason);

    assert.match((await until("the failure is told", () => events("FailedToScaleUpGroup"))).message, /out of stock/);
    assert.match(
      (await until("the pause is told", () => events("NotTriggerScaleUp"))).message,
      /in backoff after failed scale-up/,
    );
    const tries = cluster.scaleway.calls.filter(
      ({ method, path }) => method === "PATCH" && path.includes(cluster.scaleway.pool("gpu").id),
    );
    assert.ok(tries.length < 10, `the pool was asked ${tries.length} times`);
  });

  it("authenticates each call and keeps its status where kubectl finds it", async () => {
    assert.deepEqual([...new Set(cluster.scaleway.calls.map(({ token }) => token))], [cluster.settings.serviceToken]);
    const { data } = await cluster.client.json<{ data: { status: string } }>(
      "GET",
      "/api/v1/namespaces/kube-system/configmaps/cluster-autoscaler-status",
    );
    assert.match(data.status, /autoscalerStatus: Running/);
    assert.match(data.status, /poolName: gpu/);
  });
});
