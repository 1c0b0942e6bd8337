import type { Instance } from "../instance";

/** Region of the local stack's stack file. */
export const REGION = "fr-par";

/** Reads the local Scaleway API as its owner. */
export class ScalewayApi {
  constructor(
    private readonly instance: Instance,
    private readonly region: string,
  ) {}

  /** Is the API process ready to serve? Never rejects. */
  async healthy(): Promise<boolean> {
    try {
      const answer = await this.request("/_local/health");
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** Clusters that do not start, with what is in their way. */
  async troubles(): Promise<{ name: string; trouble: string }[]> {
    return (await this.json<{ troubles: { name: string; trouble: string }[] }>("/_local/troubles")).troubles;
  }

  async clusters(): Promise<Cluster[]> {
    return (await this.json<{ clusters: Cluster[] }>(`/k8s/v1/regions/${this.region}/clusters`)).clusters;
  }

  async pools(clusterId: string): Promise<Pool[]> {
    return (await this.json<{ pools: Pool[] }>(`/k8s/v1/regions/${this.region}/clusters/${clusterId}/pools`)).pools;
  }

  async nodes(clusterId: string): Promise<Node[]> {
    return (await this.json<{ nodes: Node[] }>(`/k8s/v1/regions/${this.region}/clusters/${clusterId}/nodes`)).nodes;
  }

  /** Kubeconfig of a cluster, YAML. */
  async kubeconfig(clusterId: string): Promise<string> {
    const path = `/k8s/v1/regions/${this.region}/clusters/${clusterId}/kubeconfig`;
    return Buffer.from((await this.json<{ content: string }>(path)).content, "base64").toString();
  }

  async registryNamespaces(): Promise<{ name: string; endpoint: string }[]> {
    const path = `/registry/v1/regions/${this.region}/namespaces`;
    return (await this.json<{ namespaces: { name: string; endpoint: string }[] }>(path)).namespaces;
  }

  private async json<T>(path: string): Promise<T> {
    const answer = await this.request(path);
    if (!answer.ok) throw new Error(`The local Scaleway API answered ${answer.status} to GET ${path}.`);
    return (await answer.json()) as T;
  }

  private request(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.instance.ports.api}${path}`, {
      headers: { "X-Auth-Token": this.instance.account.secretKey },
    });
  }
}

export interface Cluster {
  readonly id: string;
  readonly name: string;
  readonly status: string;
  readonly version: string;
}

export interface Pool {
  readonly id: string;
  readonly name: string;
  readonly node_type: string;
  readonly status: string;
  readonly size: number;
  readonly min_size: number;
  readonly max_size: number;
}

export interface Node {
  readonly id: string;
  readonly name: string;
  readonly pool_id: string;
  readonly status: string;
  readonly created_at: string;
}
