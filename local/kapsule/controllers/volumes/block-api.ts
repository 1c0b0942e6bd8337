import { answered, type HttpClient } from "../../../kubernetes/http-client";

export interface BlockVolume {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

/** Block volumes of one cluster; found again by name, so that nothing is made twice after a crash. */
export class BlockApi {
  constructor(
    private readonly client: HttpClient,
    private readonly owner: { readonly clusterId: string; readonly projectId: string },
  ) {}

  /** Throws while the volume is not available yet; asked again, it goes on from there. */
  async ensure(zone: string, name: string, bytes: number, iops: number, claim: string): Promise<string> {
    const { clusterId, projectId } = this.owner;
    const volume =
      (await this.find(zone, name)) ??
      (await this.client.json<BlockVolume>("POST", path(zone), {
        name,
        project_id: projectId,
        perf_iops: iops,
        from_empty: { size: bytes },
        // By its cluster's id a volume is found when the cluster is deleted with its resources.
        tags: [clusterId, "managed-by=csi.scaleway.com", `claim=${claim}`],
      }));
    const { status } = await this.client.json<BlockVolume>("GET", `${path(zone)}/${volume.id}`);
    if (status === "error")
      throw new Error(`Block volume ${name} is in status "error". Delete the claim and make it again.`);
    if (status === "creating") throw new Error(`Block volume ${name} is still being created.`);
    return volume.id;
  }

  /** A volume of that size or more is left as it is. */
  async grow(zone: string, id: string, bytes: number): Promise<void> {
    const { size = 0 } = await this.client.json<{ size?: number }>("GET", `${path(zone)}/${id}`);
    if (size < bytes) await this.client.json("PATCH", `${path(zone)}/${id}`, { size: bytes });
  }

  async remove(zone: string, id: string): Promise<void> {
    await this.client.json("DELETE", `${path(zone)}/${id}`).catch((error: unknown) => {
      if (!answered(error, 404)) throw error;
    });
  }

  private async find(zone: string, name: string): Promise<BlockVolume | undefined> {
    const query = `?name=${encodeURIComponent(name)}`;
    const { volumes } = await this.client.json<{ volumes: BlockVolume[] }>("GET", path(zone) + query);
    return volumes.find((volume) => volume.name === name);
  }
}

function path(zone: string): string {
  return `/block/v1/zones/${zone}/volumes`;
}
