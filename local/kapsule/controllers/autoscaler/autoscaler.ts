import { HttpError, type HttpClient } from "../../../kubernetes/http-client";
import type { Caches } from "../kubernetes/caches";
import type { EventRecorder } from "../kubernetes/events";
import type { Node, Pod } from "../../../kubernetes/objects";
import { Backoff } from "./backoff";
import { isMarkedLeaving, viewCluster, type ClusterView } from "./cluster-view";
import { unmovable } from "./movable";
import { open, removeNode } from "./node-removal";
import { isUnschedulable, ownerKind, podNeeds, type PodNeeds, type VolumeLookup } from "./pod-needs";
import { planScaleDown, type Removal, type ScaleDownPlan } from "./scale-down";
import { planScaleUp, type Increase, type ScaleUpPlan } from "./scale-up";
import type { Inventory, ScalewayPools } from "./scaleway-pools";
import { TIMING, type Settings, type Timing } from "./settings";
import { StatusWriter, statusContent } from "./status";

export interface AutoscalerOptions {
  readonly client: HttpClient;
  readonly caches: Caches;
  readonly pools: ScalewayPools;
  readonly events: EventRecorder;
  readonly region: string;
  /** Asked at each scan, so that a changed block counts from the next one on. */
  readonly settings: () => Settings;
  readonly report: (message: string) => void;
  readonly timing?: Timing;
}

/** Scaleway's managed cluster-autoscaler: pools grow for pods that found no node and shrink when nobody needs a node. */
export class Autoscaler {
  private readonly timing: Timing;
  private readonly backoff: Backoff;
  private readonly status: StatusWriter;
  private lastAdd: number | undefined;
  private lastFailure = 0;
  private unneededSince: ReadonlyMap<string, number> = new Map();
  private readonly removing = new Map<string, Promise<void>>();
  /** Since when a pod is thought to fit a node that the scheduler does not give it; by pod uid. */
  private fitsSince = new Map<string, number>();

  constructor(private readonly options: AutoscalerOptions) {
    this.timing = options.timing ?? TIMING;
    this.backoff = new Backoff(this.timing);
    this.status = new StatusWriter(options.client);
  }

  /** Looks once and acts; scans must not overlap. Errors of one pool or node do not stop the others. */
  async scan(): Promise<void> {
    const { caches } = this.options;
    if (![caches.pods, caches.nodes, caches.daemonSets, caches.budgets, caches.claims, caches.volumes].every(isSynced))
      return;
    const settings = this.options.settings();
    const pending = this.pendingPods(settings);
    const inventory = await this.list(pending.length > 0);
    const view = this.view(inventory);
    await this.giveUp(view);
    const up = this.planUp(view, pending, settings);
    for (const increase of up.increases) await this.grow(increase);
    await this.explain(up);
    const down = this.planDown(view, up, settings);
    this.unneededSince = down.unneededSince;
    this.resume(view, settings);
    for (const removal of down.removals) this.remove(removal, settings);
    await this.status.write(statusContent(view, up, down));
  }

  /** Resolves once no removal is under way. */
  async settle(): Promise<void> {
    await Promise.all(this.removing.values());
  }

  private pendingPods({ priorityCutoff }: Settings): PodNeeds[] {
    return this.options.caches.pods.all
      .filter(
        (pod) => isUnschedulable(pod) && ownerKind(pod) !== "DaemonSet" && (pod.spec.priority ?? 0) >= priorityCutoff,
      )
      .map((pod) => podNeeds(pod, this.lookup));
  }

  private readonly lookup: VolumeLookup = {
    claim: (name, namespace) => this.options.caches.claims.get(name, namespace),
    volume: (name) => this.options.caches.volumes.get(name),
  };

  /** A decision to grow is taken on numbers of this second, everything else on what the API says may be kept. */
  private async list(urgent: boolean): Promise<Inventory> {
    const busy = this.removing.size > 0 || this.unneededSince.size > 0;
    const inventory = await this.options.pools.inventory(({ maxAgeSeconds }) =>
      // Without work an idle cluster would ask each second where the API allows it.
      urgent ? 1 : Math.max(maxAgeSeconds, busy ? 1 : 10),
    );
    if (this.lastAdd === undefined) {
      // After a restart the youngest node tells when the last one was added.
      const grown = new Set(inventory.pools.filter(({ autoscaling }) => autoscaling).map(({ id }) => id));
      const made = inventory.nodes.filter(({ pool_id }) => grown.has(pool_id));
      this.lastAdd = Math.max(0, ...made.map(({ created_at }) => Date.parse(created_at ?? "") || 0));
    }
    return inventory;
  }

  private view(inventory: Inventory): ClusterView {
    const { caches, region } = this.options;
    const now = Date.now();
    return viewCluster({
      inventory,
      nodes: caches.nodes.all,
      pods: caches.pods.all,
      daemonSets: caches.daemonSets.all,
      region,
      now,
      provisionSeconds: this.timing.provisionSeconds,
      held: (poolId) => this.backoff.held(poolId, now),
      removing: new Set(this.removing.keys()),
    });
  }

  /** Orders that failed or never registered are handed back, and their pool rests. */
  private async giveUp({ failed, late }: ClusterView): Promise<void> {
    for (const node of [...failed, ...late]) {
      const reason = failed.includes(node) ? "node creation error" : "node did not register in time";
      this.options.report(`${node.name}: ${reason}; deleting it`);
      this.backoff.failed(node.pool_id, reason, Date.now());
      await this.options.pools.deleteNode(node.id).catch((error: Error) => this.options.report(error.message));
    }
  }

  private planUp(view: ClusterView, pending: readonly PodNeeds[], settings: Settings): ScaleUpPlan {
    const now = Date.now();
    const common = { expander: settings.expander, balanceSimilar: settings.balanceSimilar, random: Math.random };
    // The scheduler needs its moment to use room that has just come free. After that its word counts, not ours.
    const room = view.nodes.filter(({ ready, leaving }) => ready && !leaving).map(({ shape }) => shape);
    const { awaiting: fitting } = planScaleUp({ ...common, pending, upcoming: room, pools: [] });
    const since = (needs: PodNeeds) => this.fitsSince.get(needs.pod.metadata.uid) ?? now;
    const patience = this.timing.schedulerSeconds * 1000;
    const awaiting = new Map([...fitting].filter(([needs]) => now - since(needs) < patience));
    this.fitsSince = new Map([...fitting.keys()].map((needs) => [needs.pod.metadata.uid, since(needs)]));
    const left = pending.filter((needs) => !awaiting.has(needs));
    const plan = planScaleUp({ ...common, pending: left, upcoming: view.upcoming, pools: view.pools });
    return { ...plan, awaiting: new Map([...awaiting, ...plan.awaiting]) };
  }

  private async grow({ pool, from, to, pods }: Increase): Promise<void> {
    const change = `${pool.name} ${from}->${to} (max: ${pool.max_size})`;
    try {
      await this.options.pools.resize(pool.id, to);
      this.options.report(`scale-up: ${change} for ${pods.length} pods`);
      this.lastAdd = Date.now();
      await this.tell(pods, "Normal", "TriggeredScaleUp", `pod triggered scale-up: [{${change}}]`);
    } catch (error) {
      const message = (error as Error).message;
      this.options.report(`scale-up of ${change} failed: ${message}`);
      this.backoff.failed(pool.id, message, Date.now(), isTransient(error));
      await this.tell(pods, "Warning", "FailedToScaleUpGroup", `scale-up failed for ${pool.name}: ${message}`);
    }
  }

  private async tell(
    pods: readonly PodNeeds[],
    type: "Normal" | "Warning",
    reason: string,
    message: string,
  ): Promise<void> {
    for (const { pod } of pods)
      await this.options.events.record({ kind: "Pod", apiVersion: "v1", object: pod }, type, reason, message);
  }

  private async explain({ refused }: ScaleUpPlan): Promise<void> {
    for (const [{ pod }, reasons] of refused) {
      const list = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort();
      const message = `pod didn't trigger scale-up: ${list.join(", ") || "no pool of the cluster is autoscaled"}`;
      const target = { kind: "Pod", apiVersion: "v1", object: pod };
      await this.options.events.record(target, "Normal", "NotTriggerScaleUp", message, 60);
    }
  }

  private planDown(view: ClusterView, up: ScaleUpPlan, settings: Settings): ScaleDownPlan {
    const awaited = new Set(up.awaiting.values());
    return planScaleDown({
      nodes: view.nodes.map((state) => ({ ...state, awaited: awaited.has(state.node.metadata.name) })),
      budgets: this.options.caches.budgets.all,
      unneededSince: this.unneededSince,
      lastAdd: this.lastAdd ?? 0,
      lastFailure: this.lastFailure,
      now: Date.now(),
      settings,
      timing: this.timing,
      needsOf: (pod) => podNeeds(pod, this.lookup),
    });
  }

  /** A removal that an earlier process began: its node is closed already and nobody else would finish or open it. */
  private resume(view: ClusterView, settings: Settings): void {
    for (const { node, group, ready } of view.nodes) {
      const { name } = node.metadata;
      if (!group || !isMarkedLeaving(node) || this.removing.has(name) || group.node.status === "deleting") continue;
      if (settings.scaleDownDisabled || group.pool.size <= group.pool.min_size)
        this.track(name, open(this.options.client, name));
      else this.start(node, group.node.id, settings, { silent: !ready });
    }
  }

  private remove({ node, apiNode, evict, silent }: Removal, settings: Settings): void {
    this.start(node, apiNode.id, settings, { silent, planned: new Set(evict.map(({ metadata }) => metadata.uid)) });
  }

  /** `planned`: uids of the pods the decision knew of; others that came since speak against it. */
  private start(
    { metadata }: Node,
    apiNodeId: string,
    settings: Settings,
    { silent, planned }: { readonly silent: boolean; readonly planned?: ReadonlySet<string> },
  ): void {
    const { client, pools, events, caches, report } = this.options;
    const { name } = metadata;
    const stillNeeded = (pods: readonly Pod[]) => {
      const newcomer = pods.find((pod) => planned && !planned.has(pod.metadata.uid));
      if (newcomer) return `pod ${newcomer.metadata.namespace}/${newcomer.metadata.name} has arrived meanwhile`;
      return pods.map((pod) => unmovable(pod, caches.budgets.all, settings)).find(Boolean);
    };
    report(`scale-down: removing ${name}`);
    const context = { client, pools, events, settings, timing: this.timing, silent, stillNeeded };
    this.track(name, removeNode(name, apiNodeId, context));
  }

  private track(name: string, work: Promise<void>): void {
    const tracked = work
      .then(() => this.options.report(`scale-down: ${name} is done`))
      .catch((error: Error) => {
        this.lastFailure = Date.now();
        this.options.report(`scale-down of ${name} failed: ${error.message}`);
      })
      .finally(() => {
        this.removing.delete(name);
      });
    this.removing.set(name, tracked);
  }
}

/** Says nothing about the pool: the connection, a restart of the API, or too many calls. */
function isTransient(error: unknown): boolean {
  if (!(error instanceof HttpError)) return true;
  return (error.status === 429 || error.status >= 500) && !error.body.includes("out_of_stock");
}

function isSynced({ synced }: { readonly synced: boolean }): boolean {
  return synced;
}
