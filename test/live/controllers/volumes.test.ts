import { strict as assert } from "node:assert";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { answered } from "../../../local/kubernetes/http-client";
import type { PersistentVolume, PersistentVolumeClaim } from "../../../local/kubernetes/objects";
import { pool } from "./support/fake-scaleway";
import { TestCluster } from "./support/cluster";
import { until } from "./support/until";
import { eventsOf, PODS } from "./support/workload";

const CLAIMS = "/api/v1/namespaces/default/persistentvolumeclaims";
const MERGE = "application/merge-patch+json";

describe("Block volumes on a real control plane", () => {
  let cluster: TestCluster;

  before(async () => {
    const labels = { "topology.kubernetes.io/zone": "fr-par-2" };
    cluster = await TestCluster.start([pool("cpu", { size: 1, min_size: 1, zone: "fr-par-2", labels })]);
    await cluster.client.json("POST", "/apis/storage.k8s.io/v1/storageclasses", {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name: "sbs-default" },
      provisioner: "csi.scaleway.com",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    });
    cluster.startControllers();
  });
  after(() => cluster.stop());
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(cluster.log);
  });

  const read = (name: string) => cluster.client.json<PersistentVolumeClaim>("GET", `${CLAIMS}/${name}`);
  const claim = (name: string, mode: string, storage = "10Gi") =>
    cluster.client.json<PersistentVolumeClaim>("POST", CLAIMS, {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name },
      spec: { storageClassName: "sbs-default", accessModes: [mode], resources: { requests: { storage } } },
    });
  const consume = (name: string) =>
    cluster.client.json("POST", PODS, {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: `uses-${name}` },
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: "main", image: "none", volumeMounts: [{ name: "data", mountPath: "/data" }] }],
        volumes: [{ name: "data", persistentVolumeClaim: { claimName: name } }],
      },
    });
  const volumeOf = async (name: string) =>
    cluster.client.json<PersistentVolume>("GET", `/api/v1/persistentvolumes/${(await read(name)).spec.volumeName}`);
  const stored = () => [...cluster.scaleway.volumes.values()];
  const directory = (volume: PersistentVolume) => join(cluster.settings.volumeDirectory, volume.metadata.name);

  it("waits for the first pod, then makes volume and directory in the zone of its node", async () => {
    await claim("data", "ReadWriteOnce");
    await claim("unused", "ReadWriteOnce");
    await consume("data");
    await until("the pod is scheduled with its volume", async () => {
      const pod = await cluster.client.json<{ spec: { nodeName?: string } }>("GET", `${PODS}/uses-data`);
      return pod.spec.nodeName !== undefined;
    });
    const volume = await volumeOf("data");

    assert.equal(volume.spec.capacity?.["storage"], "10Gi");
    assert.equal(
      volume.spec.nodeAffinity?.required?.nodeSelectorTerms[0]?.matchExpressions?.[0]?.values?.[0],
      "fr-par-2",
    );
    assert.ok(existsSync(directory(volume)));
    assert.equal(stored().length, 1, "nothing was made for the claim that no pod uses");
    assert.deepEqual(stored()[0]?.["from_empty"], { size: 11e9 });
    assert.deepEqual((stored()[0]?.["tags"] as string[])[0], cluster.settings.clusterId);
  });

  it("grows the volume when its claim grows", async () => {
    const patch = { spec: { resources: { requests: { storage: "20Gi" } } } };
    await cluster.client.json("PATCH", `${CLAIMS}/data`, patch, MERGE);
    await until(
      "the claim shows the new capacity",
      async () => (await read("data")).status?.capacity?.["storage"] === "20Gi",
    );

    await until("the volume shows it too", async () => (await volumeOf("data")).spec.capacity?.["storage"] === "20Gi");
    assert.equal(stored()[0]?.["size"], 22e9);
  });

  it("refuses a volume for several nodes and says why", async () => {
    await claim("shared", "ReadWriteMany");
    const refusal = await until("the refusal is told", async () =>
      (await eventsOf(cluster.client, "PersistentVolumeClaim", "shared")).find(
        ({ reason }) => reason === "ProvisioningFailed",
      ),
    );

    assert.match(refusal.message, /offers ReadWriteOnce only; ReadWriteMany was asked for/);
    assert.equal(stored().length, 1);
  });

  it("makes a volume once although it was killed while the API was refusing", async () => {
    cluster.scaleway.fault = {
      match: "GET /block/v1/zones/fr-par-2/volumes/",
      status: 500,
      body: { message: "broken" },
    };
    await claim("twice", "ReadWriteOnce");
    await consume("twice");
    await until("the volume is in the API", () => Promise.resolve(stored().length === 2));
    await cluster.killControllers();
    cluster.scaleway.fault = undefined;
    cluster.startControllers();
    await until("the claim is bound", async () => (await read("twice")).status?.phase === "Bound");

    assert.equal(stored().length, 2);
  });

  it("deletes volume and directory with the claim, also when it was not running meanwhile", async () => {
    const volume = await volumeOf("data");
    writeFileSync(join(directory(volume), "file"), "content");
    await cluster.killControllers();
    await cluster.client.json("DELETE", `${PODS}/uses-data?gracePeriodSeconds=0`);
    await cluster.client.json("DELETE", `${CLAIMS}/data`);
    cluster.startControllers();
    const path = `/api/v1/persistentvolumes/${volume.metadata.name}`;
    await until("the volume object is gone", () =>
      cluster.client.json("GET", path).then(
        () => false,
        (error: unknown) => answered(error, 404),
      ),
    );

    assert.ok(!existsSync(directory(volume)));
    assert.ok(!stored().some(({ name }) => name === volume.metadata.name));
  });
});
