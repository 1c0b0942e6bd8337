import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { inClusterClient, kubernetesClient } from "../kubernetes/client";
import { createApi } from "./api/server";
import { S3Objects } from "./artifacts/s3-objects";
import { ClusterCatalog } from "./catalog/cluster-catalog";
import { type Configuration, readConfiguration } from "./configuration";
import { createEngine } from "./engine/engine";
import { KubernetesRunner } from "./jobs/kubernetes-runner";
import { pageRoutes } from "./page/routes";
import { Scheduler } from "./schedule/scheduler";
import { openStore } from "./store/lmdb-store";
import { createWebhook } from "./webhook/server";

/** Serves Kubeflow Pipelines for one namespace until SIGTERM, which leaves all work to the next process. */
async function main(): Promise<void> {
  const configuration = readConfiguration(process.env);
  const { namespace, kubeconfig, stateDirectory, sharedClaim, host, port } = configuration;
  const client = kubeconfig === undefined ? inClusterClient() : kubernetesClient(kubeconfig);
  const store = openStore(join(stateDirectory, "store"));
  const objects = new S3Objects({}, configuration.objectStoragePatienceSeconds * 1000);
  const patience = {
    imagePullMilliseconds: configuration.imagePullPatienceSeconds * 1000,
    configurationMilliseconds: configuration.configurationPatienceSeconds * 1000,
  };
  const { pullSecret, priorityClass } = configuration;
  const cluster = { client, namespace, sharedClaim, pullSecret, priorityClass, patience, report };
  const runner = new KubernetesRunner(cluster);
  const settings = { ...configuration, parallelism: configuration.parallelTasks };
  const engine = createEngine({ store, runner, objects, settings, report });
  const catalog = new ClusterCatalog(client, namespace);
  const backend = { store, engine, catalog, artifacts: objects, namespace, now: Date.now, report };

  const stop = new AbortController();
  const followed = runner.follow(stop.signal);
  const api = await createApi(backend);
  if (configuration.pageDirectory !== undefined) pageRoutes(api, configuration.pageDirectory);
  await engine.resume();
  const schedules = new Scheduler(backend).run(stop.signal);
  report(`serves namespace ${namespace} at ${await api.listen({ host, port })}`);
  const webhook = await startWebhook(configuration, { catalog, engine, report });

  await terminated();
  stop.abort();
  await Promise.all([api.close(), webhook?.close(), schedules, followed]);
  await engine.close();
  await store.close();
  objects.close();
  client.close();
}

async function startWebhook(
  { webhook, host }: Configuration,
  admission: Omit<Parameters<typeof createWebhook>[0], "tls">,
): Promise<FastifyInstance | undefined> {
  if (!webhook) return undefined;
  const app = createWebhook({ ...admission, tls: webhook });
  await app.listen({ host, port: webhook.port });
  return app;
}

function terminated(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => done());
  });
}

function report(message: string): void {
  console.log(`${new Date().toISOString()} ${message}`);
}

main().catch((error: unknown) => {
  report(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
