import { strict as assert } from "node:assert";
import { answered } from "../../../local/kubernetes/http-client";
import type { Node } from "../../../local/kubernetes/objects";
import { pool } from "./support/fake-scaleway";
import { TestCluster } from "./support/cluster";
import { until } from "./support/until";

describe("Nodes on a real control plane", () => {
  let cluster: TestCluster;

  before(async () => {
    const gpu = pool("gpu", { size: 2, min_size: 2, zone: "fr-par-2", capacity: { "nvidia.com/gpu": 1 } });
    cluster = await TestCluster.start([gpu]);
    cluster.startControllers();
  });
  after(() => cluster.stop());

  const nodes = async () => (await cluster.client.json<{ items: Node[] }>("GET", "/api/v1/nodes")).items;

  it("gives a node the labels of its provider", async () => {
    const [node] = await until("the nodes are labelled", async () => {
      const all = await nodes();
      return all.every(({ metadata }) => metadata.labels?.["k8s.scaleway.com/pool"]) && all;
    });
    const { id } = cluster.scaleway.pool("gpu");

    assert.deepEqual(
      Object.fromEntries(
        Object.entries(node?.metadata.labels ?? {}).filter(([key]) => /scaleway|scw|topology|instance/.test(key)),
      ),
      {
        "k8s.scaleway.com/pool": id,
        "k8s.scaleway.com/pool-name": "gpu",
        "k8s.scw.cloud/gpu": "l4_1_24g",
        "node.kubernetes.io/instance-type": "l4_1_24g",
        "topology.kubernetes.io/region": "fr-par",
        "topology.kubernetes.io/zone": "fr-par-2",
      },
    );
  });

  it("deletes a silent node that the API does not know, and no other", async () => {
    const [gone, silent] = await nodes();
    const name = gone?.metadata.name ?? "";
    const notReady = { type: "Ready", status: "Unknown", reason: "NodeStatusUnknown", message: "" };
    for (const node of [gone, silent]) {
      const status = { status: { conditions: [{ ...notReady, lastTransitionTime: new Date().toISOString() }] } };
      await cluster.client.json(
        "PATCH",
        `/api/v1/nodes/${node?.metadata.name}/status`,
        status,
        "application/merge-patch+json",
      );
    }
    cluster.scaleway.nodes = cluster.scaleway.nodes.filter((node) => node.name !== name);
    await until("the node is gone", () =>
      cluster.client.json("GET", `/api/v1/nodes/${name}`).then(
        () => false,
        (error: unknown) => answered(error, 404),
      ),
    );

    assert.ok((await nodes()).some(({ metadata }) => metadata.name === silent?.metadata.name));
  });
});
