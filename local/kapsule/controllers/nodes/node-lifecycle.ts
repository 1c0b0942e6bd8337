import type { Inventory, ScalewayPools } from "../autoscaler/scaleway-pools";
import { answered, type HttpClient } from "../../../kubernetes/http-client";
import type { ResourceCache } from "../../../kubernetes/cache";
import { MERGE_PATCH } from "../../../kubernetes/client";
import type { EventRecorder } from "../kubernetes/events";
import type { Node } from "../../../kubernetes/objects";
import { missingLabels, zoneOfProviderId } from "./provider-labels";

export interface NodeLifecycleOptions {
  readonly client: HttpClient;
  readonly nodes: ResourceCache<Node>;
  readonly pools: ScalewayPools;
  readonly events: EventRecorder;
  readonly region: string;
  readonly report: (message: string) => void;
  /** For how long a node must be missing from the API before its object goes. @default 5 */
  readonly missingSeconds?: number;
}

/** The node part of the cloud controller: provider labels, and an end for Node objects whose machine is gone. */
export class NodeLifecycle {
  private readonly missingSince = new Map<string, number>();
  /** Pools of nodes that need nothing more, by node uid: an idle cluster asks the API nothing. */
  private readonly labelled = new Set<string>();

  constructor(private readonly options: NodeLifecycleOptions) {}

  async reconcile(): Promise<void> {
    const { nodes, pools } = this.options;
    if (!nodes.synced) return;
    const ours = nodes.all.filter(({ spec }) => zoneOfProviderId(spec.providerID));
    const open = ours.filter((node) => !this.labelled.has(node.metadata.uid) || !isReady(node));
    for (const name of this.missingSince.keys()) if (!nodes.get(name)) this.missingSince.delete(name);
    if (open.length === 0) return;
    const inventory = await pools.inventory(2);
    for (const node of open) {
      const apiNode = inventory.nodes.find(({ provider_id }) => provider_id === node.spec.providerID);
      if (apiNode) {
        this.missingSince.delete(node.metadata.name);
        await this.label(node, apiNode.pool_id, inventory);
      } else if (!isReady(node)) {
        await this.forget(node);
      }
    }
  }

  private async label(node: Node, poolId: string, { pools }: Inventory): Promise<void> {
    const pool = pools.find(({ id }) => id === poolId);
    if (!pool) return;
    const labels = missingLabels(node, pool, this.options.region);
    if (labels) {
      const path = `/api/v1/nodes/${node.metadata.name}`;
      await this.options.client.json("PATCH", path, { metadata: { labels } }, MERGE_PATCH);
    }
    this.labelled.add(node.metadata.uid);
  }

  /** Only a node that is silent and that the API does not list for a while: one listing may be cut short. */
  private async forget(node: Node): Promise<void> {
    const { client, events, report, missingSeconds = 5 } = this.options;
    const { name } = node.metadata;
    const since = this.missingSince.get(name) ?? Date.now();
    this.missingSince.set(name, since);
    if (Date.now() - since < missingSeconds * 1000) return;
    const target = { kind: "Node", apiVersion: "v1", object: node };
    await events.record(
      target,
      "Normal",
      "DeletingNode",
      `Deleting node ${name} because it does not exist in the cloud provider`,
    );
    await client.json("DELETE", `/api/v1/nodes/${name}`).catch((error: unknown) => {
      if (!answered(error, 404)) throw error;
    });
    report(`deleted node ${name}: the API does not know it`);
  }
}

function isReady({ status }: Node): boolean {
  return status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True") ?? false;
}
