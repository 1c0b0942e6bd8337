import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as kubernetes from "@pulumi/kubernetes";
import { freePorts } from "../../../local/instance";
import { startControlPlane, type BareControlPlane } from "../controllers/support/bare-control-plane";
import { installedTools } from "../../../local/toolchain/ensure-tools";
import { until } from "../controllers/support/until";
import { Engine, type Program, type TestStack } from "./support/test-stack";

interface Pod {
  metadata: { name: string; uid: string };
}

const POD_SPEC = { restartPolicy: "Never", containers: [{ name: "step", image: "none.invalid/step:1" }] };

// No kubelet runs here: the tests write the status of pods as one would.
describe("Readiness in the Kubernetes plugin", function () {
  this.timeout(300_000);
  let plane: BareControlPlane;
  let engine: Engine;
  let stacks = 0;

  before(async () => {
    plane = await startControlPlane(installedTools());
    engine = await Engine.start();
  });

  after(async () => {
    engine?.stop();
    await plane?.stop();
  });

  const newStack = () =>
    engine.stack(`ready-${++stacks}`, () => ({ kubeconfig: readFileSync(plane.kubeconfig, "utf8") }));
  const podOf = (label: string) =>
    until(`a pod with ${label}`, async () => {
      const path = `/api/v1/namespaces/default/pods?labelSelector=${label}`;
      return (await plane.client.json<{ items: Pod[] }>("GET", path)).items[0];
    });
  const setStatus = (path: string, status: unknown) =>
    plane.client.json("PATCH", `${path}/status`, { status }, "application/merge-patch+json");
  const endPod = ({ metadata: { name } }: Pod, exitCode: number, message: string) => {
    const terminated = { exitCode, reason: exitCode === 0 ? "Completed" : "Error", message };
    const container = {
      name: "step",
      image: "none",
      imageID: "",
      ready: false,
      restartCount: 0,
      state: { terminated },
    };
    const phase = exitCode === 0 ? "Succeeded" : "Failed";
    return setStatus(`/api/v1/namespaces/default/pods/${name}`, { phase, containerStatuses: [container] });
  };
  const warn = ({ metadata: { name, uid } }: Pod, reason: string, message: string) =>
    plane.client.json("POST", "/api/v1/namespaces/default/events", {
      metadata: { name: `${name}.warning`, namespace: "default" },
      involvedObject: { apiVersion: "v1", kind: "Pod", namespace: "default", name, uid },
      type: "Warning",
      reason,
      message,
    });
  const job =
    (name: string): Program =>
    (provider) => {
      const spec = { backoffLimit: 0, template: { spec: POD_SPEC } };
      const made = new kubernetes.batch.v1.Job(name, { metadata: { name }, spec }, { provider });
      return { uid: made.metadata.uid, succeeded: made.status.succeeded };
    };

  it("waits for a Job, and tells meanwhile what it waits for", async () => {
    const stack = await newStack();
    const update = stack.up(job("patient"));
    const pod = await podOf("job-name=patient");
    await until("the progress is told", () =>
      Promise.resolve(stack.progress.some((line) => line.includes("0 of 1 complete"))),
    );
    await endPod(pod, 0, "");

    assert.equal((await update).outputs["succeeded"], 1);
    assert.deepEqual((await stack.up(job("patient"), { expectNoChanges: true })).changes, { same: 3 });
    await stack.destroy();
  });

  it("shows the last words and warnings of a Job that failed, keeps it, and runs it again at the next update", async () => {
    const stack = await newStack();
    const failing = stack.failingUp(job("unlucky"));
    const pod = await podOf("job-name=unlucky");
    await warn(pod, "BackOff", "Back-off restarting failed container");
    await endPod(pod, 3, "ratings.csv, row 17: 5 columns, expected 3");

    const error = await failing;

    assert.match(
      error,
      /Job "default\/unlucky" failed: BackoffLimitExceeded: Job has reached the specified backoff limit/,
    );
    assert.match(error, /Pod unlucky-\w+, container step: exit code 3: ratings\.csv, row 17: 5 columns, expected 3/);
    assert.match(error, /Warnings of the pod:[^*]*BackOff: Back-off restarting failed container/);
    assert.match(stack.state(), /"initErrors"/);

    const again = stack.up(job("unlucky"));
    const second = await until("a new pod", async () => {
      const next = await podOf("job-name=unlucky");
      return next.metadata.uid !== pod.metadata.uid && next;
    });
    await endPod(second, 0, "");

    assert.deepEqual((await again).changes, { same: 2, replace: 1 });
    assert.doesNotMatch(stack.state(), /"initErrors"/);
    await stack.destroy();
  });

  it("gives up after customTimeouts, says why, and goes on from there", async () => {
    const stack = await newStack();
    const deployment: Program = (provider) => {
      const labels = { app: "slow" };
      const spec = {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: POD_SPEC.containers } },
      };
      const options = { provider, customTimeouts: { create: "1s", update: "60s" } };
      new kubernetes.apps.v1.Deployment("slow", { metadata: { name: "slow" }, spec }, options);
    };

    const error = await stack.failingUp(deployment);
    assert.match(error, /Deployment "default\/slow" is not ready after 1 s: 0 of 1 replicas available/);
    assert.match(error, /Pod slow-[\w-]+ is not scheduled: /);

    const update = stack.up(deployment);
    const { metadata } = await podOf("app=slow");
    await setStatus(`/api/v1/namespaces/default/pods/${metadata.name}`, {
      phase: "Running",
      conditions: [{ type: "Ready", status: "True", lastTransitionTime: "2026-01-01T00:00:00Z" }],
    });
    assert.deepEqual((await update).changes, { same: 2, update: 1 });
    await stack.destroy();
  });

  it("does not wait for what is annotated so, nor for a claim that waits for its first pod", async () => {
    const stack = await newStack();
    const { changes } = await stack.up((provider) => {
      const metadata = { name: "unwatched", annotations: { "pulumi.com/skipAwait": "true" } };
      new kubernetes.batch.v1.Job("unwatched", { metadata, spec: { template: { spec: POD_SPEC } } }, { provider });
      const lazy = new kubernetes.storage.v1.StorageClass(
        "lazy",
        { metadata: { name: "lazy" }, provisioner: "none.invalid", volumeBindingMode: "WaitForFirstConsumer" },
        { provider },
      );
      const spec = {
        accessModes: ["ReadWriteOnce"],
        storageClassName: lazy.metadata.name,
        resources: { requests: { storage: "1Gi" } },
      };
      new kubernetes.core.v1.PersistentVolumeClaim("claim", { spec }, { provider });
    });

    assert.equal(changes.create, 5);
    await stack.destroy();
  });

  it("waits for the address of a load balancer", async () => {
    const stack = await newStack();
    const update = stack.up((provider) => {
      const spec = { type: "LoadBalancer", ports: [{ port: 80 }] };
      const service = new kubernetes.core.v1.Service("edge", { metadata: { name: "edge" }, spec }, { provider });
      return { address: service.status.loadBalancer.ingress[0]!.ip };
    });
    const path = "/api/v1/namespaces/default/services/edge";
    await until("the service", () => plane.client.json("GET", path));
    await setStatus(path, { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } });

    assert.equal((await update).outputs["address"], "192.0.2.7");
    await stack.destroy();
  });

  it("refuses to shrink a bound claim", async () => {
    const stack = await newStack();
    const claim =
      (storage: string): Program =>
      (provider) => {
        const volume = new kubernetes.core.v1.PersistentVolume(
          "disk",
          {
            metadata: { name: "disk" },
            spec: {
              capacity: { storage: "2Gi" },
              accessModes: ["ReadWriteMany"],
              hostPath: { path: "/nowhere" },
              storageClassName: "manual",
            },
          },
          { provider },
        );
        const spec = {
          accessModes: ["ReadWriteMany"],
          storageClassName: "manual",
          volumeName: volume.metadata.name,
          resources: { requests: { storage } },
        };
        new kubernetes.core.v1.PersistentVolumeClaim("bound", { metadata: { name: "bound" }, spec }, { provider });
      };
    await stack.up(claim("2Gi"));

    const error = await stack.failingUp(claim("1Gi"));

    assert.match(error, /PersistentVolumeClaim "default\/bound" would shrink from 2Gi to 1Gi/);
    await stack.destroy();
  });

  it("keeps everything when a kubeconfig is rotated, and replaces everything for another cluster", async () => {
    let identifier = "first";
    let contextName = "test";
    const config = () => readFileSync(plane.kubeconfig, "utf8").replaceAll('"test"', JSON.stringify(contextName));
    const stack: TestStack = await engine.stack(`ready-${++stacks}`, () => ({
      kubeconfig: config(),
      clusterIdentifier: identifier,
    }));
    const program: Program = (provider) => {
      new kubernetes.core.v1.ConfigMap("kept", { metadata: { name: "kept" } }, { provider });
    };
    await stack.up(program);

    contextName = "rotated";
    const rotated = await stack.preview(program);
    identifier = "second";
    const moved = await stack.preview(program);

    assert.deepEqual(rotated.changes, { same: 2, update: 1 });
    assert.equal(moved.changes.replace, 2);
    identifier = "first";
    await stack.destroy();
  });

  it("names the cluster that it cannot reach, and forgets its objects only when told to", async () => {
    const [port] = await freePorts(1);
    let server = "";
    const config = () => {
      const text = readFileSync(plane.kubeconfig, "utf8");
      return server === "" ? text : text.replace(/https:\/\/127\.0\.0\.1:\d+/, server);
    };
    const stack = await engine.stack(`ready-${++stacks}`, () => ({ kubeconfig: config(), clusterIdentifier: "one" }));
    const program: Program = (provider) => {
      new kubernetes.core.v1.ConfigMap("gone", { metadata: { name: "gone" }, data: { a: "1" } }, { provider });
    };
    await stack.up(program);
    server = `https://127.0.0.1:${port}`;

    const unreachable = await stack.failingUp((provider) => {
      program(provider);
      new kubernetes.core.v1.ConfigMap("more", { metadata: { name: "more" } }, { provider });
    });
    assert.match(unreachable, new RegExp(`The Kubernetes cluster at ${server} cannot be reached \\(ECONNREFUSED\\)`));

    await assert.rejects(stack.destroy(), /cannot be reached/);
    stack.setEnvironment({ PULUMI_K8S_DELETE_UNREACHABLE: "true" });
    await stack.destroy();
    assert.doesNotMatch(stack.state(), /ConfigMap/);
  });

  it("says what it does not have", async () => {
    const stack = await newStack();
    const patchError = await stack.failingUp((provider) => {
      new kubernetes.core.v1.ConfigMapPatch("patch", { metadata: { name: "any" }, data: { a: "1" } }, { provider });
    });
    const helmError = await stack.failingUp((provider) => {
      new kubernetes.helm.v3.Release("release", { chart: "any" }, { provider });
    });

    assert.match(patchError, /Patch resources such as ConfigMapPatch: this stand-in plugin has none/);
    assert.match(helmError, /Helm releases and charts: this stand-in plugin has none/);
  });
});
