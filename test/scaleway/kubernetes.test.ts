import { strict as assert } from "node:assert";
import { SimulatedRuntime } from "../../local/scaleway/kubernetes/simulated-runtime";
import { type Json, REGION, TestScaleway } from "./support";

const K8S = `/k8s/v1/regions/${REGION}`;
const GPU_TAINT = { key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" };

describe("The Kubernetes product", () => {
  let scaleway: TestScaleway;
  before(async () => (scaleway = await TestScaleway.start()));
  after(() => scaleway.stop());

  const network = async () =>
    (await scaleway.post(`/vpc/v2/regions/${REGION}/private-networks`, { name: "books" })).body["id"] as string;
  const createCluster = async (more: Json = {}) => {
    const body = { name: "books", version: "1.36.4", cni: "cilium", private_network_id: await network(), ...more };
    return scaleway.post(`${K8S}/clusters`, body);
  };
  const restingCluster = async (): Promise<string> => {
    const { body } = await createCluster();
    const id = body["id"] as string;
    await scaleway.until(`${K8S}/clusters/${id}`, (reply) => reply.body["status"] === "pool_required");
    return id;
  };
  const cpuPool = { name: "cpu", node_type: "DEV1-M", size: 2, zone: "fr-par-2" };
  const gpuPool = {
    name: "gpu",
    node_type: "l4_1_24g",
    zone: "fr-par-2",
    size: 0,
    min_size: 0,
    max_size: 2,
    autoscaling: true,
    labels: { role: "training" },
    taints: [GPU_TAINT],
  };
  const createPool = (cluster: string, pool: Json) => scaleway.post(`${K8S}/clusters/${cluster}/pools`, pool);
  const readyPool = async (cluster: string, pool: Json): Promise<string> => {
    const { body } = await createPool(cluster, pool);
    const id = body["id"] as string;
    await scaleway.until(`${K8S}/pools/${id}`, (reply) => reply.body["status"] === "ready");
    return id;
  };
  const nodesOf = async (cluster: string, pool?: string) => {
    const query = pool === undefined ? "" : `?pool_id=${pool}&status=unknown`;
    return (await scaleway.get(`${K8S}/clusters/${cluster}/nodes${query}`)).body["nodes"] as Json[];
  };
  const deleted = async (path: string) => {
    await scaleway.delete(path);
    await scaleway.until(path, ({ status }) => status === 404);
  };

  it("creates a cluster that asks for a pool, with every block the provider dereferences", async () => {
    const created = await createCluster({
      type: "",
      autoscaler_config: { estimator: "unknown_estimator", expander: "unknown_expander", scale_down_disabled: null },
    });
    assert.equal(created.status, 200);
    assert.equal(created.body["status"], "creating");

    const path = `${K8S}/clusters/${created.body["id"] as string}`;
    const { body } = await scaleway.until(path, (reply) => reply.body["status"] !== "creating");
    assert.equal(body["status"], "pool_required");
    assert.equal(body["type"], "kapsule");
    assert.deepEqual((body["auto_upgrade"] as Json)["maintenance_window"], { start_hour: 0, day: "any" });
    assert.equal((body["autoscaler_config"] as Json)["expander"], "random");
    assert.equal((body["open_id_connect_config"] as Json)["issuer_url"], "");
    assert.ok(!JSON.stringify(body).includes("admin_token"));
    await deleted(path);
  });

  it("walks through the states of a pool and its cluster, and answers a kubeconfig with one token", async () => {
    const cluster = await restingCluster();
    const created = await createPool(cluster, cpuPool);
    assert.equal(created.body["status"], "scaling");
    assert.equal((await scaleway.get(`${K8S}/clusters/${cluster}`)).body["status"], "creating");

    await scaleway.until(`${K8S}/clusters/${cluster}`, (reply) => reply.body["status"] === "ready");
    const pool = await scaleway.get(`${K8S}/pools/${created.body["id"] as string}`);
    assert.deepEqual(
      [pool.body["status"], pool.body["node_type"], pool.body["root_volume_type"]],
      ["ready", "dev1_m", "l_ssd"],
    );
    const nodes = await nodesOf(cluster);
    assert.equal(nodes.length, 2);
    for (const node of nodes) {
      assert.match(node["name"] as string, /^scw-books-cpu-[0-9a-f]{6}$/);
      assert.match(node["provider_id"] as string, /^scaleway:\/\/instance\/fr-par-2\/[0-9a-f-]{36}$/);
      assert.equal((node["conditions"] as Json)["Ready"], "True");
    }
    const { body } = await scaleway.get(`${K8S}/clusters/${cluster}/kubeconfig`);
    const text = Buffer.from(body["content"] as string, "base64").toString();
    assert.match(text, /server: https:\/\/172\.16\.\d+\.2:6443/);
    assert.equal(text.match(/token: [0-9a-f]{64}/g)?.length, 1);
    await deleted(`${K8S}/clusters/${cluster}`);
  });

  it("keeps a cluster with only an empty pool waiting for a pool with nodes", async () => {
    const cluster = await restingCluster();
    await readyPool(cluster, gpuPool);
    assert.equal((await scaleway.get(`${K8S}/clusters/${cluster}`)).body["status"], "pool_required");
    await deleted(`${K8S}/clusters/${cluster}`);
  });

  it("shows the autoscaler a template of a GPU node, grows the pool on its request and removes the node it names", async () => {
    const cluster = await restingCluster();
    await readyPool(cluster, cpuPool);
    const gpu = await readyPool(cluster, gpuPool);
    const listing = await scaleway.get(`${K8S}/autoscaler/clusters/${cluster}/pools?page=1&page_size=100`);
    assert.equal(listing.headers.get("cache-control"), "max-age=1");
    assert.equal(listing.headers.get("content-type"), "application/json");
    const template = (listing.body["pools"] as Json[]).find(({ id }) => id === gpu) as Json;
    assert.equal((template["allocatable"] as Json)["nvidia.com/gpu"], 1);
    assert.deepEqual(template["taints"], { "nvidia.com/gpu": "present:NoSchedule" });
    const labels = template["labels"] as Json;
    assert.deepEqual(
      [labels["k8s.scaleway.com/pool"], labels["k8s.scw.cloud/gpu"], labels["role"]],
      [gpu, "true", "training"],
    );

    const refused = await scaleway.patch(`${K8S}/autoscaler/pools/${gpu}`, { size: 3 });
    assert.equal(refused.status, 400);
    await scaleway.patch(`${K8S}/autoscaler/pools/${gpu}`, { size: 1 });
    await scaleway.until(`${K8S}/pools/${gpu}`, ({ body }) => body["status"] === "ready" && body["size"] === 1);
    const [node] = await nodesOf(cluster, gpu);
    assert.equal(scaleway.runtime.nodes.get(node?.["id"] as string)?.node.nodeType.gpus, 1);

    const removal = await scaleway.delete(`${K8S}/autoscaler/nodes/${node?.["id"] as string}`);
    assert.deepEqual([removal.status, removal.body["status"]], [200, "deleting"]);
    await scaleway.until(`${K8S}/pools/${gpu}`, ({ body }) => body["status"] === "ready" && body["size"] === 0);
    assert.deepEqual(await nodesOf(cluster, gpu), []);
    await deleted(`${K8S}/clusters/${cluster}`);
  });

  it("tells running nodes of new labels and taints", async () => {
    const cluster = await restingCluster();
    const pool = await readyPool(cluster, cpuPool);
    await scaleway.put(`${K8S}/pools/${pool}/set-labels`, { labels: { role: "serving" } });
    await scaleway.put(`${K8S}/pools/${pool}/set-taints`, { taints: [GPU_TAINT] });
    await scaleway.until(`${K8S}/pools/${pool}`, ({ body }) => body["status"] === "ready");
    for (const { node } of scaleway.runtime.nodes.values()) {
      assert.equal(node.labels["role"], "serving");
      assert.deepEqual(node.taints, [GPU_TAINT]);
    }
    await deleted(`${K8S}/clusters/${cluster}`);
  });

  it("leaves settings alone that an update sends as null or unknown", async () => {
    const { body } = await createCluster({
      autoscaler_config: {
        scale_down_delay_after_add: "30s",
        expander: "price",
        skip_nodes_with_local_storage: true,
      },
    });
    const path = `${K8S}/clusters/${body["id"] as string}`;
    await scaleway.until(path, (reply) => reply.body["status"] === "pool_required");
    const updated = await scaleway.patch(path, {
      description: "now with words",
      autoscaler_config: { scale_down_delay_after_add: null, expander: "unknown_expander", log_level: null },
      auto_upgrade: { enable: null, maintenance_window: null },
    });
    assert.equal(updated.body["status"], "updating");
    const after = await scaleway.until(path, (reply) => reply.body["status"] === "pool_required");
    const config = after.body["autoscaler_config"] as Json;
    assert.deepEqual(
      [config["scale_down_delay_after_add"], config["expander"], config["log_level"]],
      ["30s", "price", 2],
    );
    assert.equal(after.body["description"], "now with words");
    const told = scaleway.runtime.clusters.get(body["id"] as string)?.autoscaler;
    assert.deepEqual([told?.expander, told?.skip_nodes_with_local_storage], ["price", true]);
    await deleted(path);
  });

  describe("refuses", () => {
    let cluster: string;
    before(async () => (cluster = await restingCluster()));
    after(() => deleted(`${K8S}/clusters/${cluster}`));

    const pools: [string, Json, string, RegExp][] = [
      ["a node type that does not exist", { ...cpuPool, node_type: "L5-1-24G" }, "node_type", /does not exist/],
      ["a node type the zone does not offer", { ...gpuPool, zone: "fr-par-3" }, "node_type", /fr-par-1, fr-par-2/],
      ["a node type too small for a node", { ...cpuPool, node_type: "DEV1-S" }, "node_type", /too small/],
      ["a zone of another region", { ...cpuPool, zone: "nl-ams-1" }, "zone", /not in the region fr-par/],
      ["min above max", { ...gpuPool, min_size: 3 }, "min_size", /above max_size/],
      ["a root volume below 20 GB", { ...cpuPool, root_volume_size: 10_000_000_000 }, "root_volume_size", /20 GB/],
      [
        "a local disk where the type has none",
        { ...gpuPool, root_volume_type: "l_ssd" },
        "root_volume_type",
        /no local/,
      ],
      ["a negative size", { ...cpuPool, size: -1 }, "size", /negative/],
    ];
    for (const [what, pool, argument, message] of pools)
      it(`a pool with ${what}`, async () => {
        const { status, body } = await createPool(cluster, pool);

        assert.equal(status, 400);
        const [detail] = body["details"] as Json[];
        assert.equal(detail?.["argument_name"], argument);
        assert.match(detail?.["help_message"] as string, message);
        assert.equal((await scaleway.get(`${K8S}/clusters/${cluster}/pools`)).body["total_count"], 0);
      });

    it("pools that together outgrow a mutualized control plane", async () => {
      const { status, body } = await createPool(cluster, { ...gpuPool, max_size: 151 });
      assert.equal(status, 403);
      assert.deepEqual(body["details"], [{ resource: "cluster_nodes", quota: 150, current: 151 }]);
    });

    const clusters: [string, Json, string][] = [
      ["a version that is not offered", { version: "1.36" }, "version"],
      ["a network plugin that does not exist", { cni: "flannel" }, "cni"],
      ["a feature gate that is not offered", { feature_gates: ["Magic"] }, "feature_gates"],
      [
        "a private network that does not exist",
        { private_network_id: "00000000-0000-4000-8000-000000000000" },
        "private_network_id",
      ],
      ["a type that does not exist", { type: "kapsule-huge" }, "type"],
    ];
    for (const [what, more, argument] of clusters)
      it(`a cluster with ${what}`, async () => {
        const { status, body } = await createCluster(more);
        assert.equal(status, 400);
        assert.equal((body["details"] as Json[])[0]?.["argument_name"], argument);
      });

    it("a cluster in a private network of another region", async () => {
      const elsewhere = await scaleway.post("/vpc/v2/regions/nl-ams/private-networks", { name: "far" });
      const { status, body } = await createCluster({ private_network_id: elsewhere.body["id"] });
      assert.equal(status, 400);
      assert.match(JSON.stringify(body), /is in nl-ams, not in fr-par/);
    });

    it("an upgrade backwards", async () => {
      const { status } = await scaleway.post(`${K8S}/clusters/${cluster}/upgrade`, { version: "1.35.3" });
      assert.equal(status, 400);
    });

    it("a downgrade of nothing: an upgrade to the version it has is accepted", async () => {
      const { body } = await scaleway.post(`${K8S}/clusters/${cluster}/upgrade`, { version: "1.36.4" });
      assert.equal(body["status"], "updating");
      await scaleway.until(`${K8S}/clusters/${cluster}`, (reply) => reply.body["status"] === "pool_required");
    });
  });

  it("takes volumes, load balancers and the empty private network of a cluster with it when asked to", async () => {
    const cluster = await restingCluster();
    await scaleway.post("/block/v1/zones/fr-par-1/volumes", {
      name: "pvc-1",
      from_empty: { size: 1_000_000_000 },
      tags: [`cluster=${cluster}`],
    });
    await scaleway.post("/block/v1/zones/fr-par-1/volumes", { name: "mine", from_empty: { size: 1_000_000_000 } });
    await scaleway.post("/lb/v1/zones/fr-par-1/lbs", { name: `${cluster}_service`, type: "lb-s" });

    await scaleway.delete(`${K8S}/clusters/${cluster}?with_additional_resources=true`);
    await scaleway.until(`${K8S}/clusters/${cluster}`, ({ status }) => status === 404);

    const { body } = await scaleway.get("/_local/resources");
    const left = (body["resources"] as Json[]).map(({ kind, name }) => `${kind as string} ${name as string}`);
    assert.ok(left.includes("volume mine"));
    assert.ok(!left.some((each) => each.includes("pvc-1") || each.includes(cluster) || each.startsWith("lb")));
  });

  it("goes on after a crash with what was creating, scaling and deleting", async () => {
    const cluster = await restingCluster();
    scaleway.runtime.gate = () => new Promise(() => undefined);
    const pool = (await createPool(cluster, cpuPool)).body["id"] as string;
    const second = (await createCluster({ name: "second" })).body["id"] as string;
    await scaleway.until(`${K8S}/clusters/${cluster}/nodes`, ({ body }) =>
      (body["nodes"] as Json[]).every(({ status }) => status === "starting"),
    );

    scaleway.runtime = new SimulatedRuntime();
    await scaleway.restart();

    await scaleway.until(`${K8S}/pools/${pool}`, ({ body }) => body["status"] === "ready");
    await scaleway.until(`${K8S}/clusters/${second}`, ({ body }) => body["status"] === "pool_required");
    assert.equal(scaleway.runtime.nodes.size, 2);
    assert.deepEqual([...scaleway.runtime.clusters.keys()].sort(), [cluster, second].sort());
    await deleted(`${K8S}/clusters/${cluster}`);
    await deleted(`${K8S}/clusters/${second}`);
    assert.equal(scaleway.runtime.clusters.size, 0);
  });

  it("says why a cluster does not start, and starts it once nothing is in its way, unless it is deleted before", async () => {
    scaleway.runtime.gate = ({ name }) =>
      name === "startCluster" ? Promise.reject(new Error("addresses are taken")) : Promise.resolve();
    const cluster = (await createCluster()).body["id"] as string;
    const unwanted = (await createCluster({ name: "unwanted" })).body["id"] as string;
    const { body } = await scaleway.until(
      "/_local/troubles",
      (reply) => (reply.body["troubles"] as Json[]).length === 2,
    );
    assert.deepEqual(
      (body["troubles"] as Json[]).map(({ trouble }) => trouble),
      ["addresses are taken", "addresses are taken"],
    );
    assert.equal((await scaleway.get(`${K8S}/clusters/${cluster}`)).body["status"], "creating");
    await deleted(`${K8S}/clusters/${unwanted}`);

    scaleway.runtime.gate = () => Promise.resolve();

    await scaleway.until(`${K8S}/clusters/${cluster}`, (reply) => reply.body["status"] === "pool_required");
    assert.deepEqual((await scaleway.get("/_local/troubles")).body["troubles"], []);
    await deleted(`${K8S}/clusters/${cluster}`);
  });

  it("shows a node that cannot start as creation_error and its pool as a warning, and gives it up on request", async () => {
    const cluster = await restingCluster();
    await readyPool(cluster, cpuPool);
    const gpu = await readyPool(cluster, gpuPool);
    scaleway.runtime.gate = ({ name }) =>
      name === "startNode" ? Promise.reject(new Error("out of stock")) : Promise.resolve();
    await scaleway.patch(`${K8S}/autoscaler/pools/${gpu}`, { size: 1 });
    const { body } = await scaleway.until(`${K8S}/pools/${gpu}`, (reply) => reply.body["status"] === "warning");
    assert.equal(body["error_message"], "out of stock");
    assert.equal((await nodesOf(cluster, gpu))[0]?.["status"], "creation_error");

    await scaleway.patch(`${K8S}/autoscaler/pools/${gpu}`, { size: 0 });
    await scaleway.until(`${K8S}/pools/${gpu}`, (reply) => reply.body["status"] === "ready");
    assert.deepEqual(await nodesOf(cluster, gpu), []);
    await deleted(`${K8S}/clusters/${cluster}`);
  });
});
