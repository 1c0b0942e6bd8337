import { strict as assert } from "node:assert";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Service } from "../../../local/kubernetes/objects";
import { answered } from "../../../local/kubernetes/http-client";
import { TestCluster } from "./support/cluster";
import { until } from "./support/until";
import { eventsOf } from "./support/workload";

const SERVICES = "/api/v1/namespaces/default/services";

describe("Load balancers on a real control plane", () => {
  let cluster: TestCluster;
  const servers: Server[] = [];

  before(async () => {
    cluster = await TestCluster.start([]);
    cluster.startControllers();
  });
  after(async () => {
    for (const server of servers) server.close();
    await cluster.stop();
  });
  afterEach(function () {
    if (this.currentTest?.state === "failed") console.log(cluster.log);
  });

  const read = (name: string) => cluster.client.json<Service>("GET", `${SERVICES}/${name}`);
  const create = (name: string, port: number) =>
    cluster.client.json<Service>("POST", SERVICES, {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name },
      spec: { type: "LoadBalancer", ports: [{ port }] },
    });
  const addressOf = (name: string) =>
    until(`${name} has an address`, async () => (await read(name)).status?.loadBalancer?.ingress?.[0]?.ip);

  /** The service range is on loopback: this server stands where kube-proxy would lead to pods. */
  async function backend(host: string, port: number, greeting: string): Promise<Server> {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      socket.on("error", () => socket.destroy());
      socket.write(`${greeting}\n`);
      socket.on("data", (data) => socket.write(data));
      socket.on("end", () => socket.end("bye\n"));
    });
    servers.push(server);
    server.listen(port, host);
    await once(server, "listening");
    return server;
  }

  it("gives a Service an address that leads to it, marked as Scaleway's controller marks it", async () => {
    const { spec, metadata } = await create("web", 8080);
    await backend(spec.clusterIP ?? "", 8080, "web");
    const address = await addressOf("web");
    const answer = await conversation(address, 8080, "hello");
    const service = await read("web");

    assert.match(address, /^127\.91\.0\.\d+$/);
    assert.equal(answer, "web\nhellobye\n");
    assert.equal(service.status?.loadBalancer?.ingress?.[0]?.ipMode, "Proxy");
    assert.equal(service.metadata.labels?.["k8s.scaleway.com/cluster"], cluster.settings.clusterId);
    const [balancer] = [...cluster.scaleway.loadBalancers.values()];
    assert.equal(balancer?.name, `${cluster.settings.clusterId}_${metadata.uid}`);
    assert.equal(
      service.metadata.annotations?.["service.beta.kubernetes.io/scw-loadbalancer-id"],
      `fr-par-1/${balancer.id}`,
    );
    assert.ok(
      (await eventsOf(cluster.client, "Service", "web")).some(({ reason }) => reason === "EnsuredLoadBalancer"),
    );
  });

  it("gives each Service its own address, so that two may have the same port", async () => {
    const { spec } = await create("other", 8080);
    await backend(spec.clusterIP ?? "", 8080, "other");
    const addresses = [await addressOf("web"), await addressOf("other")];

    assert.notEqual(addresses[0], addresses[1]);
    assert.equal(await conversation(addresses[1] ?? "", 8080, ""), "other\nbye\n");
  });

  it("holds a connection back while no pod answers, and keeps the open ones", async () => {
    const { spec } = await create("restarting", 9000);
    const first = await backend(spec.clusterIP ?? "", 9000, "first");
    const address = await addressOf("restarting");
    const open = connect(9000, address);
    assert.equal(await nextText(open), "first\n");
    first.close();
    const waiting = conversation(address, 9000, "");
    const patch = { metadata: { annotations: { changed: "yes" } } };
    await cluster.client.json("PATCH", `${SERVICES}/restarting`, patch, "application/merge-patch+json");
    await backend(spec.clusterIP ?? "", 9000, "second");

    assert.equal(await waiting, "second\nbye\n");
    open.write("still here");
    assert.equal(await nextText(open), "still here");
    open.destroy();
  });

  it("forwards 500 connections at a time", async () => {
    const address = await addressOf("web");
    const answers = await Promise.all(Array.from({ length: 500 }, () => conversation(address, 8080, "x")));

    assert.ok(answers.every((answer) => answer === "web\nxbye\n"));
  });

  it("keeps addresses over a kill and makes nothing twice", async () => {
    const before = [await addressOf("web"), await addressOf("other")];
    await cluster.killControllers();
    cluster.startControllers();
    await until("the port answers again", () => conversation(before[0] ?? "", 8080, ""));

    assert.deepEqual([await addressOf("web"), await addressOf("other")], before);
    assert.equal(cluster.scaleway.loadBalancers.size, 3);
  });

  it("takes another address where somebody answers on the port already", async () => {
    const taken = await backend("127.91.0.4", 7000, "foreign");
    await create("crowded", 7000);

    assert.equal(await addressOf("crowded"), "127.91.0.5");
    taken.close();
  });

  it("lets a deleted Service go with its address and its load balancer, even if the deletion was missed", async () => {
    const address = await addressOf("web");
    await cluster.killControllers();
    await cluster.client.json("DELETE", `${SERVICES}/web`);
    assert.ok((await read("web")).metadata.deletionTimestamp, "the finalizer holds it");
    cluster.startControllers();
    await until("it is gone", () =>
      read("web").then(
        () => false,
        (error: unknown) => answered(error, 404),
      ),
    );

    assert.ok(
      ![...cluster.scaleway.loadBalancers.values()].some(({ description }) =>
        String(description).includes("default/web"),
      ),
    );
    await assert.rejects(conversation(address, 8080, ""), /ECONNREFUSED/);
  });

  it("takes the address from a Service that is no longer of this type", async () => {
    const patch = { spec: { type: "ClusterIP" } };
    await cluster.client.json("PATCH", `${SERVICES}/other`, patch, "application/merge-patch+json");

    await until("it has no finalizer and no address", async () => {
      const { metadata, status } = await read("other");
      return !metadata.finalizers?.length && !status?.loadBalancer?.ingress?.length;
    });
  });
});

/** Sends a text, closes its side and returns all that comes back. */
function conversation(host: string, port: number, text: string): Promise<string> {
  return new Promise((done, fail) => {
    const socket = connect({ host, port, allowHalfOpen: true });
    let received = "";
    socket.setEncoding("utf8");
    socket.on("data", (data: string) => (received += data));
    socket.once("error", fail);
    socket.once("end", () => {
      socket.destroy();
      done(received);
    });
    socket.end(text);
  });
}

async function nextText(socket: Socket): Promise<string> {
  const [data] = (await once(socket, "data")) as [Buffer];
  return data.toString("utf8");
}
