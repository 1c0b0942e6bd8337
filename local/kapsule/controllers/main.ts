import { setMaxListeners } from "node:events";
import { Autoscaler } from "./autoscaler/autoscaler";
import { ScalewayPools } from "./autoscaler/scaleway-pools";
import { settingsOf } from "./autoscaler/settings";
import { LiveConfiguration } from "./configuration";
import { HttpClient } from "../../kubernetes/http-client";
import { delay } from "../../kubernetes/cache";
import { followAll, makeCaches } from "./kubernetes/caches";
import { kubernetesClient } from "../../kubernetes/client";
import { EventRecorder } from "./kubernetes/events";
import { LoadBalancerApi } from "./load-balancer/load-balancer-api";
import { LoadBalancers } from "./load-balancer/load-balancers";
import { Loop } from "./loop";
import { NodeLifecycle } from "./nodes/node-lifecycle";
import { BlockApi } from "./volumes/block-api";
import { Volumes } from "./volumes/volumes";

/** Runs the parts of one cluster that Scaleway runs for its users. Usage: main.ts <configuration file>. */
async function main(file: string | undefined): Promise<void> {
  if (!file) throw new Error("Usage: main.ts <configuration file>");
  const live = new LiveConfiguration(file, report);
  const { clusterId, region, kubeconfig, apiUrl, serviceToken } = live.current;
  const stop = new AbortController();
  // Each resource that is watched and each loop listens, some twice: a number that does not grow.
  setMaxListeners(64, stop.signal);
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());

  const client = kubernetesClient(kubeconfig);
  const api = new HttpClient({ baseUrl: apiUrl, headers: { "x-auth-token": serviceToken } });
  const loops: Loop[] = [];
  const caches = makeCaches(client, (kind) => loops.forEach((loop) => loop.changed(kind)), report);
  const pools = new ScalewayPools(api, region, clusterId);

  const autoscaler = new Autoscaler({
    client,
    caches,
    pools,
    events: new EventRecorder(client, "cluster-autoscaler", report),
    region,
    settings: () => settingsOf(live.current.autoscaler),
    report: (message) => report(`autoscaler: ${message}`),
  });
  loops.push(new Loop("autoscaler", () => autoscaler.scan(), ["pods", "nodes"], report));

  const balancers = new LoadBalancers({
    client,
    services: caches.services,
    api: new LoadBalancerApi(api, live.current),
    events: new EventRecorder(client, "service-controller", report),
    clusterId,
    prefix: live.current.loopbackPrefix,
    report: (message) => report(`load balancers: ${message}`),
  });
  loops.push(new Loop("load balancers", () => balancers.reconcile(), ["services"], report));

  const lifecycle = new NodeLifecycle({
    client,
    nodes: caches.nodes,
    pools,
    events: new EventRecorder(client, "cloud-node-lifecycle-controller", report),
    region,
    report: (message) => report(`nodes: ${message}`),
  });
  loops.push(new Loop("nodes", () => lifecycle.reconcile(), ["nodes"], report));

  const volumes = new Volumes({
    client,
    caches,
    api: new BlockApi(api, live.current),
    events: new EventRecorder(client, "csi.scaleway.com", report),
    zone: live.current.zone,
    directory: live.current.volumeDirectory,
    report: (message) => report(`volumes: ${message}`),
  });
  loops.push(new Loop("volumes", () => volumes.reconcile(), ["claims", "volumes", "storageClasses"], report));

  const followed = followAll(caches, stop.signal);
  await Promise.all([...followed, ...loops.map((loop) => loop.run(stop.signal))]);
  // A drain in progress is left to the next start: the node's taint says that it was meant.
  await Promise.race([autoscaler.settle(), delay(2000)]);
  process.exit(0);
}

function report(message: string): void {
  console.log(`${new Date().toISOString()} ${message}`);
}

main(process.argv[2]).catch((error: unknown) => {
  report((error as Error).message);
  process.exit(1);
});
