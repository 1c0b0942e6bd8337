import type { HttpClient } from "../../../kubernetes/http-client";

/** A pool as the autoscaler API shows it; the fields that are read. */
export interface ApiPool {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly node_type: string;
  readonly autoscaling: boolean;
  readonly size: number;
  readonly min_size: number;
  readonly max_size: number;
  readonly zone: string;
  /** EUR. */
  readonly node_price_per_hour?: number;
  /** Whole cores, bytes, pieces. */
  readonly capacity?: Readonly<Record<string, number>>;
  readonly allocatable?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Key to "value:Effect". */
  readonly taints?: Readonly<Record<string, string>>;
}

export interface ApiNode {
  readonly id: string;
  readonly pool_id: string;
  /** Equal to spec.providerID of the Kubernetes node. */
  readonly provider_id: string;
  readonly name: string;
  readonly status: string;
  readonly created_at?: string;
}

/** Pools and nodes of a cluster as last listed. */
export interface Inventory {
  readonly pools: readonly ApiPool[];
  readonly nodes: readonly ApiNode[];
  /** For how many seconds the API says this may be used. */
  readonly maxAgeSeconds: number;
}

const PAGE_SIZE = 100;
/** What Scaleway's autoscaler assumes where the answer carries no Cache-Control. */
const DEFAULT_MAX_AGE_SECONDS = 60;

/** The part of Scaleway's API that its managed autoscaler uses; the token is a header of `client`. */
export class ScalewayPools {
  private readonly base: string;
  private last: { readonly inventory: Inventory; readonly at: number } | undefined;

  constructor(
    private readonly client: HttpClient,
    region: string,
    private readonly clusterId: string,
  ) {
    this.base = `/k8s/v1/regions/${region}/autoscaler`;
  }

  /** The last listing if it is younger than this and nothing was changed since. */
  async inventory(maxAgeSeconds: number | ((inventory: Inventory) => number) = 0): Promise<Inventory> {
    if (this.last) {
      const limit = typeof maxAgeSeconds === "number" ? maxAgeSeconds : maxAgeSeconds(this.last.inventory);
      if (Date.now() - this.last.at < limit * 1000) return this.last.inventory;
    }
    const at = Date.now();
    const { items: pools, maxAgeSeconds: allowed } = await this.pages<ApiPool>("pools");
    const { items: nodes } = await this.pages<ApiNode>("nodes");
    const inventory = { pools, nodes, maxAgeSeconds: allowed };
    this.last = { inventory, at };
    return inventory;
  }

  /** The next listing is a fresh one. */
  forget(): void {
    this.last = undefined;
  }

  async resize(poolId: string, size: number): Promise<ApiPool> {
    this.forget();
    return this.client.json<ApiPool>("PATCH", `${this.base}/pools/${poolId}`, { size });
  }

  async deleteNode(nodeId: string): Promise<ApiNode> {
    this.forget();
    return this.client.json<ApiNode>("DELETE", `${this.base}/nodes/${nodeId}`);
  }

  private async pages<T>(kind: "pools" | "nodes"): Promise<{ items: T[]; maxAgeSeconds: number }> {
    const items: T[] = [];
    let maxAgeSeconds = DEFAULT_MAX_AGE_SECONDS;
    for (let page = 1; ; page++) {
      const path = `${this.base}/clusters/${this.clusterId}/${kind}?page=${page}&page_size=${PAGE_SIZE}`;
      const { value, headers } = await this.client.exchange<Record<string, T[] | undefined>>("GET", path);
      const found = value[kind] ?? [];
      items.push(...found);
      const age = /max-age=(\d+)/.exec(headers["cache-control"] ?? "")?.[1];
      if (age !== undefined) maxAgeSeconds = Number(age);
      if (found.length < PAGE_SIZE) return { items, maxAgeSeconds };
    }
  }
}
