import { strict as assert } from "node:assert";
import { createServer } from "node:http";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect } from "node:tls";
import type { NodeSpec } from "../../../local/kapsule/runtime";
import { haltDeadInstances } from "../../../local/kapsule/halt";
import { mountsBelow } from "../../../local/kapsule/mounts";
import { clusterService, nodeService } from "../../../local/kapsule/paths";
import { waitFor } from "../../../local/kapsule/waiting";
import { Machine } from "./support/machine";
import { Registry } from "./support/registry";
import { clusterSpec, nodeSpec } from "./support/specs";
import { processesNaming, traces } from "./support/traces";
import { gpuJob, pod, podSpec, service } from "./support/workload";

const LOOP = 'trap "exit 0" TERM; while true; do sleep 1; done';

describe("A cluster with a CPU and a GPU node", function () {
  this.timeout(240_000);
  let machine: Machine;
  let untouched: ReturnType<typeof traces>;
  const cluster = clusterSpec();
  const cpu = nodeSpec("cpu");
  const gpu = nodeSpec("gpu");
  const kubectl = (...args: string[]): Promise<string> => machine.kubectl(cluster, args);
  const eventually = <T>(what: string, probe: () => Promise<T | undefined>): Promise<T> =>
    waitFor(probe, { subject: `${what} did not happen`, timeoutMs: 90_000, remedy: "" });
  const phase = (name: string): Promise<string> => kubectl("get", "pod", name, "-o", "jsonpath={.status.phase}");
  const running = (...names: string[]): Promise<string> =>
    kubectl("wait", "--for=condition=Ready", "--timeout=90s", ...names.map((name) => `pod/${name}`));
  const ready = async (node: NodeSpec): Promise<true | undefined> =>
    (await machine.kapsule.nodeConditions(cluster.id)).get(node.name)?.Ready === "True" || undefined;

  before(async () => {
    machine = await Machine.create();
    await haltDeadInstances(machine.instance);
    untouched = traces();
    await machine.kapsule.startCluster(cluster);
    assert.equal(await machine.startNode(cluster, cpu), "172.16.0.10");
    assert.equal(await machine.startNode(cluster, gpu), "172.16.0.11");
  });

  after(async () => {
    await machine.kapsule.stopCluster(cluster.id);
    await machine.dispose();
  });

  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    console.log(await kubectl("get", "nodes,pods,events", "--all-namespaces", "-o", "wide").catch(String));
    console.log(machine.messages.join("\n"));
  });

  it("tells the edge of its network", () => {
    assert.deepEqual([...machine.networks], ["172.16.0.1"]);
  });

  it("has the objects that Kapsule puts into every cluster", async () => {
    const classes = await kubectl(
      "get",
      "storageclass",
      "-o",
      "jsonpath={range .items[*]}{.metadata.name}={.provisioner} {end}",
    );
    const dns = await kubectl("get", "service", "kube-dns", "-n", "kube-system", "-o", "jsonpath={.spec.clusterIP}");

    assert.deepEqual(
      classes.split(" ").sort(),
      ["sbs-15k", "sbs-5k", "sbs-default"].map((name) => `${name}=csi.scaleway.com`),
    );
    assert.equal(dns, "10.32.0.10");
  });

  it("lets nobody in without a token, and nobody at all into its database", async () => {
    const socket = connect({ host: "172.16.0.2", port: 2379, rejectUnauthorized: false });
    const [error] = (await once(socket, "error")) as [Error];

    assert.match(error.message, /certificate required/);
    await assert.rejects(kubectl("--token=wrong", "get", "pods"), /Unauthorized|logged in/);
  });

  it("registers nodes with the labels, taints, address and GPUs of their pool", async () => {
    const fields =
      "{.spec.providerID} {.status.allocatable.nvidia\\.com/gpu} {.spec.taints[*].key} {.metadata.labels.k8s\\.scaleway\\.com/pool-name}";
    const read = (node: NodeSpec): Promise<string> => kubectl("get", "node", node.name, "-o", `jsonpath=${fields}`);

    assert.equal(await read(gpu), `${gpu.providerId} 1 nvidia.com/gpu gpu`);
    assert.equal(await read(cpu), `${cpu.providerId}   cpu`);
    assert.deepEqual((await machine.kapsule.nodeConditions(cluster.id)).get(gpu.name), {
      DiskPressure: "False",
      MemoryPressure: "False",
      PIDPressure: "False",
      Ready: "True",
    });
  });

  it("runs a job that asks for a GPU on the GPU node", async () => {
    await machine.apply(cluster, gpuJob("train"));
    await kubectl("wait", "--for=condition=Complete", "--timeout=90s", "job/train");

    assert.equal(await kubectl("logs", "job/train"), "trained");
    assert.equal(
      await kubectl("get", "pods", "-l", "job-name=train", "-o", "jsonpath={.items[0].spec.nodeName}"),
      gpu.name,
    );
  });

  it("leads pods to services by name, on their own node and on another", async () => {
    await machine.apply(
      cluster,
      pod("web", "cpu", "exec httpd -f -p 8080 -h /www"),
      service("web", 8080),
      pod("near", "cpu", LOOP),
      pod("far", "gpu", LOOP),
    );
    await running("web", "near", "far");

    for (const client of ["near", "far"]) {
      const answer = await eventually(`An answer to ${client}`, () =>
        kubectl("exec", client, "--", "timeout", "3", "wget", "-qO-", "http://web"),
      );
      assert.equal(answer, "served by a pod");
    }
    // The machine itself reaches services too: this is how the stack's own load balancers answer.
    const address = await kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}");
    assert.equal(await (await fetch(`http://${address}`)).text(), "served by a pod\n");
  });

  it("leads pods to this machine's edge under Scaleway's own names", async () => {
    const edge = createServer((request, response) => response.end(`edge answers for ${request.headers.host}`));
    edge.listen(443, "172.16.0.1");
    await once(edge, "listening");
    try {
      for (const name of [
        "s3.fr-par.scw.cloud",
        "books.s3.fr-par.scw.cloud",
        "rg.fr-par.scw.cloud",
        "api.scaleway.com",
      ]) {
        const answer = await kubectl("exec", "far", "--", "timeout", "5", "wget", "-qO-", `http://${name}:443/`);
        assert.equal(answer, `edge answers for ${name}:443`);
      }
    } finally {
      edge.closeAllConnections();
      edge.close();
    }
  });

  it("pulls images under their production names from this machine's registry, with the namespace's pull secret", async () => {
    const registry = new Registry("the-secret-key");
    await registry.listen(machine.instance.ports.registry);
    try {
      const image = "rg.fr-par.scw.cloud/recommender/books-cpu:1";
      const secret = (name: string, password: string): Promise<string> =>
        kubectl(
          "create",
          "secret",
          "docker-registry",
          name,
          "--docker-server=rg.fr-par.scw.cloud",
          "--docker-username=nologin",
          `--docker-password=${password}`,
        );
      await Promise.all([secret("right", "the-secret-key"), secret("wrong", "a-guess")]);
      const pulling = (name: string, pullSecret: string): object =>
        pod(name, "cpu", LOOP, {
          containers: [{ name: "main", image, imagePullPolicy: "Always", args: ["sh", "-c", LOOP] }],
          imagePullSecrets: [{ name: pullSecret }],
        });

      await machine.apply(cluster, pulling("refused", "wrong"));
      await eventually(
        "The refusal of a wrong secret",
        async () =>
          /ErrImagePull|ImagePullBackOff/.test(
            await kubectl(
              "get",
              "pod",
              "refused",
              "-o",
              "jsonpath={.status.containerStatuses[0].state.waiting.reason}",
            ),
          ) || undefined,
      );
      assert.deepEqual(registry.pulls, []);
      await machine.apply(cluster, pulling("pulled", "right"));
      await running("pulled");

      assert.match(registry.pulls[0] ?? "", /^\/v2\/recommender\/books-cpu\/manifests\/1/);
    } finally {
      registry.close();
    }
  });

  it("shows logs and runs commands on both nodes", async () => {
    await machine.apply(
      cluster,
      pod("talker-cpu", "cpu", `echo on cpu; ${LOOP}`),
      pod("talker-gpu", "gpu", `echo on gpu; ${LOOP}`),
    );
    await running("talker-cpu", "talker-gpu");

    assert.equal(await kubectl("logs", "talker-cpu"), "on cpu");
    assert.equal(await kubectl("logs", "talker-gpu"), "on gpu");
    assert.equal(await kubectl("exec", "talker-gpu", "--", "sh", "-c", "echo $((6 * 7))"), "42");
  });

  it("follows its pool's labels and taints", async () => {
    const kept = { "k8s.scaleway.com/pool-name": "cpu" };
    await machine.kapsule.updateNode(cluster, {
      ...cpu,
      labels: { ...kept, tier: "gold" },
      taints: [{ key: "full", value: "", effect: "NoSchedule" }],
    });
    const changed = await kubectl(
      "get",
      "node",
      cpu.name,
      "-o",
      "jsonpath={.metadata.labels.tier} {.metadata.labels.topology\\.kubernetes\\.io/zone} {.spec.taints[*].key}",
    );
    await machine.kapsule.updateNode(cluster, cpu);

    assert.equal(changed, "gold  full");
    assert.equal(await kubectl("get", "node", cpu.name, "-o", "jsonpath={.spec.taints}"), "");
  });

  it("goes on when any of its programs is killed, without restarting a container", async () => {
    const containers = (): Promise<string> =>
      kubectl(
        "get",
        "pods",
        "near",
        "far",
        "-o",
        "jsonpath={range .items[*]}{.status.containerStatuses[0].containerID} {end}",
      );
    const containersBefore = await containers();
    const parts = ["etcd", "apiserver", "controller-manager", "scheduler", "dns", "kube-proxy"].map((part) =>
      clusterService(cluster.id, part),
    );
    for (const name of [...parts, nodeService(gpu.id, "containerd"), nodeService(gpu.id, "kubelet")]) {
      const pid = await machine.pidOf(name);
      assert.ok(pid, `${name} runs`);
      process.kill(pid, "SIGKILL");
      await eventually(`The restart of ${name}`, async () => {
        const now = await machine.pidOf(name);
        return (now !== undefined && now !== pid) || undefined;
      });
      await eventually(
        `A ready cluster after ${name} was killed`,
        async () => (await kubectl("get", "--raw", "/readyz")) === "ok" || undefined,
      );
    }
    await machine.apply(cluster, pod("afterwards", "gpu", LOOP));
    await running("afterwards");

    const answer = await eventually("An answer", () =>
      kubectl("exec", "afterwards", "--", "timeout", "3", "wget", "-qO-", "http://web"),
    );
    assert.equal(answer, "served by a pod");
    assert.equal(await containers(), containersBefore);
    assert.equal(await kubectl("get", "node", gpu.name, "-o", "jsonpath={.status.allocatable.nvidia\\.com/gpu}"), "1");
  });

  it("makes way for another instance's cluster when all is killed, and is the same again once that one's data are deleted", async () => {
    const uid = await kubectl("get", "pod", "web", "-o", "jsonpath={.metadata.uid}");
    await machine.loseEverything();
    const other = await Machine.create();
    await other.kapsule.startCluster(clusterSpec());
    assert.deepEqual(mountsBelow(machine.instance.runDir), []);
    rmSync(other.instance.stateDir, { recursive: true, maxRetries: 10 });
    await machine.services.ensureRunning();

    await machine.kapsule.startCluster(cluster);
    await Promise.all([machine.startNode(cluster, cpu), machine.startNode(cluster, gpu)]);

    await eventually("Pods of before running again", async () =>
      (await phase("web")) === "Running" && (await phase("far")) === "Running" ? true : undefined,
    );
    const answer = await eventually("An answer", () =>
      kubectl("exec", "far", "--", "timeout", "3", "wget", "-qO-", "http://web"),
    );
    assert.equal(answer, "served by a pod");
    assert.equal(await kubectl("get", "pod", "web", "-o", "jsonpath={.metadata.uid}"), uid);
  });

  it("drains a node before it removes it", async () => {
    const spec = {
      replicas: 1,
      selector: { matchLabels: { app: "mover" } },
      template: { metadata: { labels: { app: "mover" } }, spec: podSpec(undefined, LOOP) },
    };
    await kubectl("cordon", cpu.name);
    await machine.apply(cluster, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "mover" }, spec });
    await kubectl("rollout", "status", "deployment/mover", "--timeout=90s");
    await kubectl("uncordon", cpu.name);

    await machine.kapsule.stopNode(cluster, gpu, 30);

    await kubectl("rollout", "status", "deployment/mover", "--timeout=90s");
    const where = await kubectl("get", "pods", "-l", "app=mover", "-o", "jsonpath={.items[*].spec.nodeName}");
    assert.equal(where, cpu.name);
    assert.equal(await kubectl("get", "nodes", "-o", "name"), `node/${cpu.name}`);
    assert.deepEqual(processesNaming(gpu.id), []);
    await eventually("A Ready node", () => ready(cpu));
  });

  it("gives a new node the place of a removed one", async () => {
    const next = nodeSpec("gpu");

    assert.equal(await machine.startNode(cluster, next), "172.16.0.11");
    await machine.kapsule.stopNode(cluster, next, 0);
  });

  it("leaves nothing behind", async () => {
    const pids = processesNaming(machine.instance.runDir);
    assert.ok(pids.length > 0, "there are processes to remove");

    await machine.kapsule.stopCluster(cluster.id);
    await machine.services.stopAll();

    assert.deepEqual(traces(), untouched);
    assert.deepEqual(processesNaming(machine.instance.runDir), []);
    assert.deepEqual(processesNaming(machine.instance.stateDir), []);
    assert.deepEqual([...machine.networks], []);
  });
});
