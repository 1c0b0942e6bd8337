import { answered, type HttpClient } from "../../../kubernetes/http-client";

interface LoadBalancer {
  readonly id: string;
  readonly name: string;
}

/** Load balancers as the Scaleway API lists them: descriptions, so that they are seen, billed and cleaned up with the cluster. */
export class LoadBalancerApi {
  private readonly path: string;

  constructor(
    private readonly client: HttpClient,
    private readonly owner: { readonly clusterId: string; readonly projectId: string; readonly zone: string },
  ) {
    this.path = `/lb/v1/zones/${owner.zone}/lbs`;
  }

  /** Finds it by the Service's uid or makes it: `<zone>/<id>`. */
  async ensure(uid: string, service: string, address: string): Promise<string> {
    const { clusterId, projectId, zone } = this.owner;
    const name = this.nameOf(uid);
    const existing = await this.find(name);
    const { id } =
      existing ??
      (await this.client.json<LoadBalancer>("POST", this.path, {
        project_id: projectId,
        name,
        description: `kubernetes service ${service}, answers on ${address}`,
        tags: [clusterId, "managed-by-scaleway-cloud-controller-manager"],
        type: "LB-S",
        ssl_compatibility_level: "ssl_compatibility_level_intermediate",
        assign_flexible_ip: false,
      }));
    return `${zone}/${id}`;
  }

  async remove(uid: string): Promise<void> {
    const existing = await this.find(this.nameOf(uid));
    if (!existing) return;
    await this.client.json("DELETE", `${this.path}/${existing.id}?release_ip=true`).catch((error: unknown) => {
      if (!answered(error, 404)) throw error;
    });
  }

  /** Deleting a cluster with its resources finds the load balancers by this beginning. */
  private nameOf(uid: string): string {
    return `${this.owner.clusterId}_${uid}`;
  }

  private async find(name: string): Promise<LoadBalancer | undefined> {
    const { lbs } = await this.client.json<{ lbs: LoadBalancer[] }>(
      "GET",
      `${this.path}?name=${encodeURIComponent(name)}`,
    );
    return lbs.find((lb) => lb.name === name);
  }
}
