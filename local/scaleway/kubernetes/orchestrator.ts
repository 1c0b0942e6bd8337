import { randomUUID } from "node:crypto";
import type { KapsuleRuntime } from "../../kapsule/runtime";
import { type Platform, newborn, touched } from "../platform";
import { deleteAdditionalResources } from "./additional-resources";
import { clusterType } from "./cluster-types";
import {
  type Cluster,
  type ClusterStatus,
  type Node,
  type Pool,
  clusters,
  nodes,
  nodesOfPool,
  pools,
  poolsOf,
} from "./records";
import { clusterSpec, nodeLabels, nodeSpec } from "./specs";

const ATTEMPTS = 3;
/** Time pods get to end when a pool shrinks or goes, in seconds; a deleted cluster gives none. */
const DRAIN_SECONDS = 30;

/**
 * Drives clusters, pools and nodes from what the API has recorded to what the machine runs. Each object has one loop
 * at a time, which reads the record again after every step: a request changes the record and kicks the loop. All steps
 * may be repeated, so a restart kicks every object and goes on.
 */
export class Orchestrator {
  private readonly running = new Set<string>();
  private readonly again = new Set<string>();
  private stopped = false;

  constructor(
    private readonly platform: Platform,
    private readonly runtime: KapsuleRuntime,
  ) {}

  /** After a start of the process: what ran is repaired, what was under way goes on. */
  resume(): void {
    for (const cluster of clusters(this.platform).all()) {
      if (!cluster.access || cluster.status === "deleting") this.kickCluster(cluster.id);
      else
        void this.repair(cluster)
          .catch((error: Error) => this.platform.log(`cluster "${cluster.name}" was not repaired: ${error.message}`))
          .finally(() => this.kickCluster(cluster.id));
    }
  }

  kickCluster(id: string): void {
    this.kick(`cluster ${id}`, () => this.driveCluster(id));
  }

  kickPool(id: string): void {
    this.kick(`pool ${id}`, () => this.drivePool(id));
  }

  private kickNode(id: string): void {
    this.kick(`node ${id}`, () => this.driveNode(id));
  }

  /** Ends every loop at its current step, of which nothing more is recorded: the next process repeats it. */
  stop(): void {
    this.stopped = true;
  }

  private kick(key: string, drive: () => Promise<void>): void {
    if (this.stopped) return;
    if (this.running.has(key)) return void this.again.add(key);
    this.running.add(key);
    void (async () => {
      // The answer that announces the transient state leaves first.
      await new Promise(setImmediate);
      do {
        this.again.delete(key);
        await drive();
      } while (this.again.has(key) && !this.stopped);
    })()
      .catch((error: Error) => this.platform.log(`${key}: ${error.stack ?? error.message}`))
      .finally(() => this.running.delete(key));
  }

  private async repair(cluster: Cluster): Promise<void> {
    if (!(await this.startWhileWanted(cluster.id))) return;
    const spec = clusterSpec(this.platform, cluster);
    for (const pool of poolsOf(this.platform, cluster.id))
      for (const node of nodesOfPool(this.platform, pool.id).filter(({ status }) => status === "ready")) {
        const { privateIp } = await this.withRetries(`node "${node.name}"`, () =>
          this.runtime.startNode(spec, nodeSpec(cluster, pool, node)),
        );
        nodes(this.platform).patch(node.id, { private_ip: privateIp });
      }
  }

  private async driveCluster(id: string): Promise<void> {
    const cluster = clusters(this.platform).get(id);
    if (!cluster || cluster.stuck) return;
    if (cluster.status === "deleting") return this.removeCluster(cluster);
    if (cluster.status === "creating" || cluster.status === "updating") {
      const runs = cluster.access && cluster.status === "creating";
      if (!runs && !(await this.startWhileWanted(id))) return;
    }
    for (const pool of poolsOf(this.platform, id)) this.kickPool(pool.id);
    this.settleCluster(id);
  }

  /**
   * Starts a cluster, again and again as long as it is wanted, since what is in its way may be taken away meanwhile; the
   * record says what that is.
   * @returns whether it runs
   */
  private async startWhileWanted(id: string): Promise<boolean> {
    for (;;) {
      const cluster = clusters(this.platform).get(id);
      if (!cluster || cluster.status === "deleting") return false;
      const outcome = await this.runtime.startCluster(clusterSpec(this.platform, cluster)).then(
        (access) => ({ access, trouble: undefined }),
        (error: Error) => ({ trouble: error.message }),
      );
      if (this.stopped) return new Promise(() => undefined);
      clusters(this.platform).patch(id, outcome);
      if (outcome.trouble === undefined) return true;
      this.platform.log(`cluster "${cluster.name}" does not start: ${outcome.trouble}`);
      await new Promise((done) => setTimeout(done, this.platform.timings.retry));
    }
  }

  /** A cluster rests once its control plane runs and its first pool has settled; without nodes it asks for a pool. */
  private settleCluster(id: string): void {
    const cluster = clusters(this.platform).get(id);
    if (!cluster?.access || cluster.stuck || cluster.status === "deleting") return;
    const own = poolsOf(this.platform, id);
    const starting = cluster.status === "creating" && own.some(({ status }) => status === "scaling");
    const status: ClusterStatus = starting ? "creating" : restingStatus(cluster, own);
    if (status !== cluster.status) clusters(this.platform).patch(id, { status, ...touched() });
  }

  private async removeCluster(cluster: Cluster): Promise<void> {
    const own = poolsOf(this.platform, cluster.id);
    await this.withRetries(`deletion of cluster "${cluster.name}"`, () => this.runtime.stopCluster(cluster.id));
    for (const pool of own) {
      for (const node of nodesOfPool(this.platform, pool.id)) nodes(this.platform).delete(node.id);
      pools(this.platform).delete(pool.id);
    }
    clusters(this.platform).delete(cluster.id);
    if (cluster.with_additional_resources) deleteAdditionalResources(this.platform, cluster);
  }

  private async drivePool(id: string): Promise<void> {
    const pool = pools(this.platform).get(id);
    const cluster = pool && clusters(this.platform).get(pool.cluster_id);
    if (!pool || !cluster || cluster.status === "deleting" || pool.stuck) return;
    if (pool.status === "deleting") return this.shrink(pool, 0);
    if (!cluster.access) return;
    await this.relabel(cluster, pool);
    const alive = nodesOfPool(this.platform, id).filter(({ status }) => status !== "deleting");
    for (let missing = pool.size - alive.length; missing > 0; missing--) this.addNode(cluster, pool);
    if (alive.length > pool.size) this.shrink(pool, pool.size);
    for (const node of nodesOfPool(this.platform, id)) this.kickNode(node.id);
    this.settlePool(id);
  }

  private settlePool(id: string): void {
    const pool = pools(this.platform).get(id);
    if (!pool || pool.stuck) return;
    const own = nodesOfPool(this.platform, id);
    if (pool.status === "deleting") {
      if (own.length > 0) return;
      pools(this.platform).delete(id);
    } else {
      const failed = own.find(({ status }) => status === "creation_error");
      const settled = own.length === pool.size && own.every(({ status }) => status === "ready");
      const status = failed ? "warning" : settled ? "ready" : pool.status === "upgrading" ? "upgrading" : "scaling";
      const error_message = failed?.error_message ?? null;
      if (status !== pool.status || error_message !== pool.error_message)
        pools(this.platform).patch(id, { status, error_message, ...touched() });
    }
    this.settleCluster(pool.cluster_id);
  }

  private addNode(cluster: Cluster, pool: Pool): void {
    const base = newborn();
    const node = nodes(this.platform).put({
      ...base,
      cluster_id: cluster.id,
      pool_id: pool.id,
      project_id: cluster.project_id,
      region: cluster.region,
      name: `scw-${namePart(cluster.name)}-${namePart(pool.name)}-${base.id.slice(0, 6)}`,
      status: "creating",
      provider_id: `scaleway://instance/${pool.zone}/${randomUUID()}`,
      error_message: "",
    });
    this.kickNode(node.id);
  }

  /** Marks as many nodes for deletion as the pool has too many: those that failed first, then the youngest. */
  private shrink(pool: Pool, size: number): void {
    const alive = nodesOfPool(this.platform, pool.id).filter(({ status }) => status !== "deleting");
    const order = [
      ...alive.filter(({ status }) => status !== "creation_error"),
      ...alive.filter(({ status }) => status === "creation_error"),
    ];
    for (const node of order.slice(size)) nodes(this.platform).patch(node.id, { status: "deleting", ...touched() });
    for (const node of nodesOfPool(this.platform, pool.id)) this.kickNode(node.id);
    this.settlePool(pool.id);
  }

  private async relabel(cluster: Cluster, pool: Pool): Promise<void> {
    const wanted = appliedTo(cluster, pool);
    for (const node of nodesOfPool(this.platform, pool.id)) {
      if (node.status !== "ready" || node.applied === wanted) continue;
      await this.runtime.updateNode(clusterSpec(this.platform, cluster), nodeSpec(cluster, pool, node));
      nodes(this.platform).patch(node.id, { applied: wanted });
    }
  }

  private async driveNode(id: string): Promise<void> {
    const node = nodes(this.platform).get(id);
    const pool = node && pools(this.platform).get(node.pool_id);
    const cluster = node && clusters(this.platform).get(node.cluster_id);
    if (!node || !pool || !cluster || pool.stuck || cluster.status === "deleting") return;
    if (node.status === "deleting") await this.removeNode(cluster, pool, node);
    else if (node.status === "creating" || node.status === "starting" || node.status === "registering")
      await this.startNode(cluster, pool, node);
    else return;
    this.kickPool(pool.id);
  }

  private async startNode(cluster: Cluster, pool: Pool, node: Node): Promise<void> {
    const still = (...statuses: Node["status"][]) => {
      const { status } = nodes(this.platform).get(node.id) ?? {};
      return status !== undefined && statuses.includes(status);
    };
    nodes(this.platform).patch(node.id, { status: "starting", ...touched() });
    try {
      const spec = clusterSpec(this.platform, cluster);
      const { privateIp } = await this.withRetries(
        `node "${node.name}"`,
        () => this.runtime.startNode(spec, nodeSpec(cluster, pool, node)),
        () => still("starting"),
      );
      if (!still("starting")) return this.kickNode(node.id);
      nodes(this.platform).patch(node.id, { status: "registering", private_ip: privateIp, ...touched() });
      nodes(this.platform).patch(node.id, { status: "ready", applied: appliedTo(cluster, pool), ...touched() });
    } catch (error) {
      if (!still("starting")) return this.kickNode(node.id);
      const error_message = (error as Error).message;
      this.platform.log(`node "${node.name}" could not be started: ${error_message}`);
      nodes(this.platform).patch(node.id, { status: "creation_error", error_message, ...touched() });
    }
  }

  private async removeNode(cluster: Cluster, pool: Pool, node: Node): Promise<void> {
    const spec = clusterSpec(this.platform, cluster);
    const grace = Math.min(DRAIN_SECONDS, cluster.autoscaler_config.max_graceful_termination_sec || DRAIN_SECONDS);
    await this.withRetries(`deletion of node "${node.name}"`, () =>
      this.runtime.stopNode(spec, nodeSpec(cluster, pool, node), grace),
    );
    nodes(this.platform).delete(node.id);
  }

  private async withRetries<T>(subject: string, task: () => Promise<T>, wanted = () => true): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const outcome = await task().then(
        (value) => ({ value }),
        (error: Error) => ({ error }),
      );
      if (this.stopped) return new Promise(() => undefined);
      if ("value" in outcome) return outcome.value;
      if (attempt >= ATTEMPTS || !wanted()) throw outcome.error;
      this.platform.log(`${subject}: attempt ${attempt} of ${ATTEMPTS} failed: ${outcome.error.message}`);
      await new Promise((done) => setTimeout(done, this.platform.timings.retry));
    }
  }
}

/** A mutualized control plane without a single node asks for a pool; a dedicated one asks only while it has none. */
function restingStatus(cluster: Cluster, own: readonly Pool[]): ClusterStatus {
  const lasting = own.filter(({ status }) => status !== "deleting");
  const dedicated = clusterType(cluster.type)?.dedicated === true;
  const served = dedicated ? lasting.length > 0 : lasting.some(({ size }) => size > 0);
  return served ? "ready" : "pool_required";
}

const appliedTo = (cluster: Cluster, pool: Pool): string =>
  JSON.stringify([nodeLabels(cluster, pool), pool.taints, pool.startup_taints]);

/** Names of clusters and pools are cut to 17 characters in node names, as on Scaleway, and must suit a host name. */
const namePart = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]/g, "-")
    .slice(0, 17);
