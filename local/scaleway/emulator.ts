import { mkdirSync } from "node:fs";
import { type RequestListener, type Server, createServer } from "node:http";
import { join } from "node:path";
import type { Instance } from "../instance";
import type { KapsuleRuntime } from "../kapsule/runtime";
import { projectRoutes } from "./account/projects";
import { adminRoutes } from "./admin/routes";
import { volumeRoutes } from "./block/volumes";
import { dataSourceRoutes } from "./cockpit/data-sources";
import { tokenRoutes } from "./cockpit/tokens";
import { authority, serverCertificate } from "./edge/certificates";
import { Edge } from "./edge/edge";
import { gatewayRoutes } from "./gateway/gateways";
import { gatewayIpRoutes } from "./gateway/ips";
import { gatewayNetworkRoutes } from "./gateway/networks";
import { apiKeyRoutes } from "./iam/api-keys";
import { applicationRoutes } from "./iam/applications";
import { groupRoutes } from "./iam/groups";
import { Identity } from "./iam/identity";
import { policyRoutes } from "./iam/policies";
import { serverProductRoutes } from "./instance/products";
import { ipamRoutes } from "./ipam/ips";
import { aclRoutes } from "./kubernetes/acls";
import { autoscalerRoutes } from "./kubernetes/autoscaler-api";
import { clusterRoutes } from "./kubernetes/clusters";
import { kubeconfigRoutes } from "./kubernetes/kubeconfig";
import { nodeRoutes } from "./kubernetes/nodes";
import { Orchestrator } from "./kubernetes/orchestrator";
import { poolRoutes } from "./kubernetes/pools";
import { versionRoutes } from "./kubernetes/versions";
import { loadBalancerRoutes } from "./load-balancer/load-balancers";
import { ObjectStorageFront } from "./object-storage/front";
import type { Platform, Timings } from "./platform";
import { RegistryFront } from "./registry/front";
import { namespaceRoutes } from "./registry/namespaces";
import { secretRoutes } from "./secret-manager/secrets";
import { versionRoutes as secretVersionRoutes } from "./secret-manager/versions";
import { Api } from "./server/api";
import { EventLog } from "./server/events";
import { Faults } from "./server/faults";
import { Router } from "./server/router";
import { Store } from "./server/store";
import { vpcRoutes } from "./vpc/vpcs";
import { privateNetworkRoutes } from "./vpc/private-networks";

export interface EmulatorOptions {
  /**
   * The machine behind the Kubernetes product. It is made last, because it asks the edge to listen on the addresses of
   * its networks.
   */
  readonly runtime: (edge: Edge) => KapsuleRuntime;
  readonly timings?: Partial<Timings>;
  readonly log?: (message: string) => void;
}

export interface Emulator {
  readonly edge: Edge;
  readonly faults: Faults;
  readonly events: EventLog;
  /** Stops listening and ends what is under way; the state stays on disk. */
  close(): Promise<void>;
}

const DEFAULT_TIMINGS: Timings = { hold: 10_000, retry: 5_000 };

/** Starts the emulated Scaleway of an instance on its loopback ports and takes up what an earlier process left. */
export async function startEmulator(instance: Instance, options: EmulatorOptions): Promise<Emulator> {
  const directory = join(instance.stateDir, "scaleway");
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const store = new Store(join(directory, "state"));
  const events = new EventLog(join(directory, "events.jsonl"));
  const faults = new Faults();
  const log = options.log ?? ((message) => console.log(message));
  const platform: Platform = {
    instance,
    store,
    identity: new Identity(instance.account, store),
    timings: { ...DEFAULT_TIMINGS, ...options.timings },
    log,
  };

  const certificate = await serverCertificate(await authority(instance.cacheDir));
  const objectStorage = new ObjectStorageFront(platform, faults, events);
  const registry = new RegistryFront(platform, events);
  const handlers: { api: RequestListener } = { api: () => undefined };
  const edge = new Edge(
    certificate,
    {
      api: (request, response) => handlers.api(request, response),
      registry: registry.handle,
      objectStorage: objectStorage.handle,
    },
    log,
  );
  const runtime = options.runtime(edge);
  const orchestrator = new Orchestrator(platform, runtime);
  const router = new Router([
    ...adminRoutes({ platform, faults, events, orchestrator }),
    ...productRoutes(platform),
    ...kubernetesRoutes(platform, runtime, orchestrator),
  ]);
  handlers.api = new Api({ platform, router, faults, events }).handle;

  const { ports } = instance;
  const servers = [
    await listen(createServer(handlers.api), ports.api, "the Scaleway API"),
    await listen(createServer(registry.handle), ports.registry, "the registry"),
    await listen(edge.proxy(), ports.proxy, "the proxy"),
  ];
  orchestrator.resume();

  return {
    edge,
    faults,
    events,
    close: async () => {
      orchestrator.stop();
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
      await edge.close();
    },
  };
}

const productRoutes = (platform: Platform) => [
  ...projectRoutes(platform),
  ...applicationRoutes(platform),
  ...policyRoutes(platform),
  ...apiKeyRoutes(platform),
  ...groupRoutes(platform),
  ...vpcRoutes(platform),
  ...privateNetworkRoutes(platform),
  ...gatewayRoutes(platform),
  ...gatewayIpRoutes(platform),
  ...gatewayNetworkRoutes(platform),
  ...ipamRoutes(platform),
  ...namespaceRoutes(platform),
  ...secretRoutes(platform),
  ...secretVersionRoutes(platform),
  ...volumeRoutes(platform),
  ...tokenRoutes(platform),
  ...dataSourceRoutes(platform),
  ...loadBalancerRoutes(platform),
  ...serverProductRoutes(),
];

const kubernetesRoutes = (platform: Platform, runtime: KapsuleRuntime, orchestrator: Orchestrator) => [
  ...versionRoutes(),
  ...clusterRoutes(platform, orchestrator),
  ...kubeconfigRoutes(platform, orchestrator),
  ...aclRoutes(platform),
  ...poolRoutes(platform, orchestrator),
  ...nodeRoutes(platform, runtime, orchestrator),
  ...autoscalerRoutes(platform, runtime, orchestrator),
];

/** Listens on loopback; a taken port is named together with what wanted it. */
async function listen(server: Server, port: number, purpose: string): Promise<Server> {
  server.keepAliveTimeout = 65_000; // Longer than Go's clients keep idle connections they may still use.
  await new Promise<void>((done, fail) => {
    server.once("error", (error: NodeJS.ErrnoException) =>
      fail(
        new Error(
          `Port ${port} of 127.0.0.1, meant for ${purpose}, cannot be used: ${error.message}. Free it, then start again.`,
        ),
      ),
    );
    server.listen(port, "127.0.0.1", done);
  });
  return server;
}
