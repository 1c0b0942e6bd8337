import { cpus, totalmem } from "node:os";
import { existsSync, mkdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../instance";
import type { ServiceManager } from "../supervisor/service";
import type { Tools } from "../toolchain/tools";
import { controlPlane, ETCD_PORT, type ControlPlane } from "./control-plane";
import { controllersService, type ControllersCommand } from "./controllers-service";
import { clusterCredentials, API_SERVER_PORT, type ClusterCredentials } from "./credentials";
import { dnsService } from "./dns";
import { drain, forgetPods } from "./drain";
import { readJson, writeFile } from "./files";
import { haltDeadInstances } from "./halt";
import { prepareHost, releaseHost } from "./host-settings";
import { KubernetesApi } from "./kubernetes-api";
import { proxyService } from "./kube-proxy";
import { applyManagedObjects } from "./managed-objects";
import { unmountBelow } from "./mounts";
import { addAddress, bringUpNetwork, removeAddress, removeProxyRules, tearDownNetwork } from "./network";
import { lastLines, NodeProcesses } from "./node";
import { conditionsOfNodes, GPU_RESOURCE, isReady, registerNode, updateNodeObject } from "./node-registration";
import { removeNodeProcesses } from "./node-removal";
import { clusterPaths, clusterService, nodeService } from "./paths";
import { nodeIds, nodeRecords, placementOf, placeNode } from "./placements";
import type {
  ClusterAccess,
  ClusterSpec,
  KapsuleRuntime,
  NodeAccess,
  NodeCapacity,
  NodeConditions,
  NodeSpec,
  NodeType,
} from "./runtime";
import { Serial } from "./serial";
import { apiServerAddress, gatewayAddress } from "./subnets";
import { listens, waitFor } from "./waiting";

export interface KapsuleOptions {
  readonly instance: Instance;
  readonly tools: Tools;
  readonly services: ServiceManager;
  /** The private network's gateway address exists now: the edge may listen on it. */
  readonly onNetworkUp: (address: string) => Promise<void>;
  /** The address is about to go. */
  readonly onNetworkDown: (address: string) => Promise<void>;
  /** Without it a cluster has no autoscaler, load balancers and volumes. */
  readonly controllersCommand?: ControllersCommand;
  readonly log: (message: string) => void;
}

const API_TIMEOUT_MS = 60_000;
const NODE_TIMEOUT_MS = 120_000;
const PODS_PER_NODE = 110;
/** Share of memory and disk that the kubelet keeps free by its eviction thresholds. */
const KEPT_FREE = 0.01;
/** Clients first: the API server waits for its own, and does not end in peace without its database. */
const STOP_ORDER = [["controllers", "dns", "kube-proxy", "scheduler", "controller-manager"], ["apiserver"], ["etcd"]];

/** Kubernetes clusters on this machine: real control planes and kubelets, as processes of the local supervisor. */
export class Kapsule implements KapsuleRuntime {
  private readonly apis = new Map<string, KubernetesApi>();
  private readonly serial = new Serial();

  constructor(private readonly options: KapsuleOptions) {}

  startCluster(spec: ClusterSpec): Promise<ClusterAccess> {
    return this.serial.run(spec.id, () => this.bootCluster(spec));
  }

  stopCluster(clusterId: string): Promise<void> {
    return this.serial.run(clusterId, () => this.removeCluster(clusterId));
  }

  startNode(cluster: ClusterSpec, node: NodeSpec): Promise<NodeAccess> {
    return this.serial.run(node.id, () => this.bootNode(cluster, node));
  }

  updateNode(cluster: ClusterSpec, node: NodeSpec): Promise<void> {
    return this.serial.run(node.id, () => updateNodeObject(this.api(cluster.id), node));
  }

  stopNode(cluster: ClusterSpec, node: NodeSpec, graceSeconds: number): Promise<void> {
    return this.serial.run(node.id, () => this.removeNode(cluster, node, graceSeconds));
  }

  async nodeConditions(clusterId: string): Promise<ReadonlyMap<string, NodeConditions>> {
    return conditionsOfNodes(this.api(clusterId));
  }

  nodeCapacity(nodeType: NodeType): NodeCapacity {
    const { blocks, bsize } = statfsSync(this.options.instance.stateDir);
    return {
      cpu: cpus().length,
      memory: Math.floor(totalmem() * (1 - KEPT_FREE)),
      "ephemeral-storage": Math.floor(blocks * bsize * (1 - KEPT_FREE)),
      pods: PODS_PER_NODE,
      [GPU_RESOURCE]: nodeType.gpus,
    };
  }

  private async bootCluster(spec: ClusterSpec): Promise<ClusterAccess> {
    const { instance, tools, services, onNetworkUp, controllersCommand, log } = this.options;
    const paths = clusterPaths(instance, spec.id);
    const started = Date.now();
    mkdirSync(paths.volumes, { recursive: true, mode: 0o700 });
    writeFile(join(paths.directory, "cluster.json"), JSON.stringify(spec, null, 2));
    for (const stateDir of await haltDeadInstances(instance))
      log(`took away what was left of the clusters of ${stateDir}, which do not run any more`);
    prepareHost(instance, spec.id);
    const [credentials] = await Promise.all([clusterCredentials(spec, paths), bringUpNetwork(spec)]);
    await onNetworkUp(gatewayAddress(spec.privateSubnet));

    const plane = controlPlane(spec, paths, tools, credentials);
    await services.declare(plane.etcd);
    await this.untilDatabaseListens(spec);
    await services.declare(plane.apiServer);
    const api = this.connect(spec, credentials.authority.certificate);
    await this.untilApiReady(spec, api);

    await Promise.all([applyManagedObjects(api, spec), this.declareRest(spec, plane, credentials)]);
    await this.untilControllersRun(spec, api);
    // What only nodes and their pods need does not take processor time from what the cluster is waited for.
    await services.declare(dnsService(spec, paths, tools, credentials));
    if (controllersCommand)
      await services.declare(controllersService(instance, spec, paths, credentials, controllersCommand));
    log(`cluster ${spec.name}: control plane ready after ${seconds(started)} s`);
    return { host: credentials.host, caCertificate: credentials.authority.certificate };
  }

  private async declareRest(spec: ClusterSpec, plane: ControlPlane, credentials: ClusterCredentials): Promise<void> {
    const { services } = this.options;
    await Promise.all([services.declare(plane.controllerManager), services.declare(plane.scheduler)]);
    const first = nodeRecords(this.options.instance, spec.id)[0];
    if (first) await this.declareProxy(spec, first.name, credentials);
  }

  /** An API server that starts before its database waits a second between its attempts, for each kind of object. */
  private async untilDatabaseListens(spec: ClusterSpec): Promise<void> {
    await waitFor(async () => ((await listens(apiServerAddress(spec.privateSubnet), ETCD_PORT)) ? true : undefined), {
      subject: `The database of cluster ${spec.name} did not start`,
      timeoutMs: API_TIMEOUT_MS,
      intervalMs: 20,
      remedy: `See ${this.logs(spec, "etcd")}.`,
    });
  }

  private async untilApiReady(spec: ClusterSpec, api: KubernetesApi): Promise<void> {
    await waitFor(async () => ((await api.call("GET", "/readyz")) === "ok" ? true : undefined), {
      subject: `The API server of cluster ${spec.name} did not become ready`,
      timeoutMs: API_TIMEOUT_MS,
      intervalMs: 50,
      remedy: `See ${this.logs(spec, "apiserver")} and ${this.logs(spec, "etcd")}.`,
    });
  }

  /** Pods cannot be created before the controller manager has made the account they run under. */
  private async untilControllersRun(spec: ClusterSpec, api: KubernetesApi): Promise<void> {
    await waitFor(() => api.get("/api/v1/namespaces/default/serviceaccounts/default"), {
      subject: `The controller manager of cluster ${spec.name} did not start its work`,
      timeoutMs: API_TIMEOUT_MS,
      remedy: `See ${this.logs(spec, "controller-manager")}.`,
    });
  }

  private async bootNode(spec: ClusterSpec, node: NodeSpec): Promise<NodeAccess> {
    const { instance, tools, services, log } = this.options;
    const started = Date.now();
    const api = this.api(spec.id);
    const placement = placeNode(instance, spec, node);
    await addAddress(spec.id, placement.address);
    const processes = new NodeProcesses(instance, tools, services, spec, node);
    await Promise.all([
      registerNode(api, node, placement).then(() => this.ensureProxy(spec, node.name)),
      processes.startContainerd(placement),
    ]);
    await processes.startKubelet(placement);
    const kubeletLog = services.logFile(nodeService(node.id, "kubelet"));
    await waitFor(async () => ((await isReady(api, node)) ? true : undefined), {
      subject: `Node ${node.name} did not become Ready`,
      timeoutMs: NODE_TIMEOUT_MS,
      remedy: `See ${kubeletLog}.`,
    }).catch((error: Error) => {
      throw new Error(`${error.message} Its last lines: ${lastLines(kubeletLog)}`);
    });
    log(`node ${node.name}: Ready after ${seconds(started)} s`);
    return { privateIp: placement.address };
  }

  private async removeNode(spec: ClusterSpec, node: NodeSpec, graceSeconds: number): Promise<void> {
    const { instance, services, log } = this.options;
    const api = this.api(spec.id);
    await this.unlessApiIsGone(() => drain(api, node.name, graceSeconds));
    await services.remove(nodeService(node.id, "kubelet"));
    const placement = placementOf(instance, spec, node.id);
    if (placement) await removeAddress(spec.id, placement.address);
    await removeNodeProcesses(instance, services, spec.id, node.id);
    const heir = nodeRecords(instance, spec.id)[0];
    if (heir) await this.ensureProxy(spec, heir.name);
    await this.unlessApiIsGone(async () => {
      await forgetPods(api, node.name);
      await api.delete(`/api/v1/nodes/${node.name}`);
    });
    log(`node ${node.name}: removed`);
  }

  /** A node is removed from this machine even where its cluster no longer answers. */
  private async unlessApiIsGone(task: () => Promise<void>): Promise<void> {
    await task().catch((error: Error) =>
      this.options.log(`the API server does not answer, going on without it: ${error.message}`),
    );
  }

  private async removeCluster(clusterId: string): Promise<void> {
    const { instance, services, onNetworkDown, log } = this.options;
    const paths = clusterPaths(instance, clusterId);
    const spec = readJson<ClusterSpec>(join(paths.directory, "cluster.json"));
    await services.remove(clusterService(clusterId, "controllers"));
    const nodes = nodeIds(instance, clusterId);
    await Promise.all(
      nodes.map((id) => this.serial.run(id, () => removeNodeProcesses(instance, services, clusterId, id))),
    );
    for (const parts of STOP_ORDER)
      await Promise.all(parts.map((part) => services.remove(clusterService(clusterId, part))));
    await this.apis.get(clusterId)?.close();
    this.apis.delete(clusterId);
    if (spec) await onNetworkDown(gatewayAddress(spec.privateSubnet));
    await tearDownNetwork(clusterId);
    if (releaseHost(clusterId)) await removeProxyRules();
    await unmountBelow(paths.directory);
    rmSync(paths.directory, { recursive: true, force: true });
    log(`cluster ${clusterId}: removed`);
  }

  /** kube-proxy keeps the node it is; where that one is gone it becomes `nodeName`. */
  private async ensureProxy(spec: ClusterSpec, nodeName: string): Promise<void> {
    const { instance } = this.options;
    const file = join(clusterPaths(instance, spec.id).configuration, "proxy-node");
    const current = existsSync(file) ? readFileSync(file, "utf8") : undefined;
    const stays = nodeRecords(instance, spec.id).some(({ name }) => name === current);
    const credentials = await clusterCredentials(spec, clusterPaths(instance, spec.id));
    await this.declareProxy(spec, stays && current ? current : nodeName, credentials);
  }

  private async declareProxy(spec: ClusterSpec, nodeName: string, credentials: ClusterCredentials): Promise<void> {
    const { instance, services, tools } = this.options;
    const paths = clusterPaths(instance, spec.id);
    writeFile(join(paths.configuration, "proxy-node"), nodeName);
    await services.declare(proxyService(spec, paths, tools, credentials, nodeName));
  }

  /** The client of a cluster that was started, by this process or by one before it. */
  private api(clusterId: string): KubernetesApi {
    const existing = this.apis.get(clusterId);
    if (existing) return existing;
    const paths = clusterPaths(this.options.instance, clusterId);
    const spec = readJson<ClusterSpec>(join(paths.directory, "cluster.json"));
    if (!spec) throw new Error(`Cluster ${clusterId} does not run on this machine. Start it first.`);
    return this.connect(spec, readFileSync(join(paths.certificates, "kubernetes-ca.pem"), "utf8"));
  }

  private connect(spec: ClusterSpec, caCertificate: string): KubernetesApi {
    void this.apis.get(spec.id)?.close();
    const host = `https://${apiServerAddress(spec.privateSubnet)}:${API_SERVER_PORT}`;
    const api = new KubernetesApi(host, caCertificate, spec.adminToken);
    this.apis.set(spec.id, api);
    return api;
  }

  private logs(spec: ClusterSpec, part: string): string {
    return this.options.services.logFile(clusterService(spec.id, part));
  }
}

const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);
