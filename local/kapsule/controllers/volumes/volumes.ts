import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { answered, type HttpClient } from "../../../kubernetes/http-client";
import type { Caches } from "../kubernetes/caches";
import { MERGE_PATCH } from "../../../kubernetes/client";
import type { EventRecorder } from "../kubernetes/events";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../../kubernetes/objects";
import type { BlockApi } from "./block-api";
import { claimStep, FINALIZER, persistentVolume, soldBytes, VOLUME_ID, volumeEnd, volumeName } from "./volume-plan";

export interface VolumesOptions {
  readonly client: HttpClient;
  readonly caches: Pick<Caches, "claims" | "volumes" | "storageClasses" | "nodes">;
  readonly api: BlockApi;
  readonly events: EventRecorder;
  /** Zone of a volume that no node was chosen for. */
  readonly zone: string;
  /** One directory per volume. */
  readonly directory: string;
  readonly report: (message: string) => void;
}

/** Scaleway's block storage driver: a claim becomes a block volume in the API and a directory on this machine. */
export class Volumes {
  constructor(private readonly options: VolumesOptions) {}

  /** Makes what exists equal to what is claimed. One claim that fails does not stop the others. */
  async reconcile(): Promise<void> {
    const { claims, volumes, storageClasses, nodes } = this.options.caches;
    if (![claims, volumes, storageClasses, nodes].every(({ synced }) => synced)) return;
    const errors: string[] = [];
    for (const claim of claims.all) {
      const storageClass = storageClasses.get(claim.spec.storageClassName ?? "");
      const volume = volumes.get(claim.spec.volumeName ?? volumeName(claim));
      await this.serve(claim, storageClass, volume).catch(async (error: Error) => {
        errors.push(`${claim.metadata.namespace}/${claim.metadata.name}: ${error.message}`);
        await this.tell(claim, "Warning", "ProvisioningFailed", error.message, 30);
      });
    }
    for (const volume of volumes.all)
      await this.end(volume).catch((error: Error) => errors.push(`${volume.metadata.name}: ${error.message}`));
    if (errors.length > 0) throw new Error(errors.join("; "));
  }

  private async serve(
    claim: PersistentVolumeClaim,
    storageClass: StorageClass | undefined,
    volume: PersistentVolume | undefined,
  ): Promise<void> {
    const step = claimStep(claim, storageClass, volume);
    if (step.kind === "refuse") await this.tell(claim, "Warning", "ProvisioningFailed", step.reason, 60);
    // With its volume there, the claim only waits for the controller manager to bind the two.
    if (step.kind === "provision" && storageClass && !volume)
      await this.provision(claim, storageClass, step.selectedNode);
    if (step.kind === "expand") await this.expand(claim, step.volume, step.capacity);
  }

  private async provision(
    claim: PersistentVolumeClaim,
    storageClass: StorageClass,
    selectedNode: string | undefined,
  ): Promise<void> {
    const { client, api, caches } = this.options;
    const name = volumeName(claim);
    const labels = caches.nodes.get(selectedNode ?? "")?.metadata.labels;
    const zone = labels?.["topology.kubernetes.io/zone"] ?? this.options.zone;
    const bytes = soldBytes(claim.spec.resources?.requests?.["storage"] ?? "1G");
    const iops = Number(storageClass.parameters?.["iops"] ?? 5000);
    const id = await api.ensure(zone, name, bytes, iops, `${claim.metadata.namespace}/${claim.metadata.name}`);
    const directory = this.directoryOf(name);
    await mkdir(directory, { recursive: true });
    // As the root of a new file system: who is not root gets in by the pod's fsGroup, which the kubelet applies.
    await chmod(directory, 0o755);
    await client
      .json("POST", "/api/v1/persistentvolumes", persistentVolume(claim, storageClass, { zone, id, directory }))
      .catch((error: unknown) => {
        if (!answered(error, 409)) throw error;
      });
    this.options.report(
      `${claim.metadata.namespace}/${claim.metadata.name}: volume ${name} of ${bytes / 1e9} GB in ${zone}`,
    );
    await this.tell(claim, "Normal", "ProvisioningSucceeded", `Successfully provisioned volume ${name}`);
  }

  /** API first, object last: what Kubernetes shows has been granted. */
  private async expand(claim: PersistentVolumeClaim, volume: PersistentVolume, capacity: string): Promise<void> {
    const { client, api } = this.options;
    const place = placeOf(volume);
    if (place) await api.grow(place.zone, place.id, soldBytes(capacity));
    const { namespace, name } = claim.metadata;
    const status = { status: { capacity: { storage: capacity }, conditions: [] } };
    await client.json(
      "PATCH",
      `/api/v1/namespaces/${namespace}/persistentvolumeclaims/${name}/status`,
      status,
      MERGE_PATCH,
    );
    const spec = { spec: { capacity: { storage: capacity } } };
    await client.json("PATCH", `/api/v1/persistentvolumes/${volume.metadata.name}`, spec, MERGE_PATCH);
    await this.tell(claim, "Normal", "VolumeResizeSuccessful", `Resized volume to ${capacity}`);
  }

  private async end(volume: PersistentVolume): Promise<void> {
    const step = volumeEnd(volume);
    if (step === "nothing") return;
    const { client, api, report } = this.options;
    const { name, finalizers = [], deletionTimestamp } = volume.metadata;
    if (step === "storage") {
      await rm(this.directoryOf(name), { recursive: true, force: true });
      const place = placeOf(volume);
      if (place) await api.remove(place.zone, place.id);
      report(`volume ${name} deleted`);
    }
    const path = `/api/v1/persistentvolumes/${name}`;
    try {
      if (!deletionTimestamp) await client.json("DELETE", path);
      await client.json(
        "PATCH",
        path,
        { metadata: { finalizers: finalizers.filter((one) => one !== FINALIZER) } },
        MERGE_PATCH,
      );
    } catch (error) {
      if (!answered(error, 404)) throw error;
    }
  }

  /** Only names that were made here lead to a path: it is deleted recursively one day. */
  private directoryOf(name: string): string {
    if (!/^pvc-[0-9a-f-]{36}$/.test(name))
      throw new Error(`Volume name "${name}" is not of the form pvc-<uuid>; its directory is left alone.`);
    return join(this.options.directory, name);
  }

  private tell(
    claim: PersistentVolumeClaim,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    repeatSeconds = 0,
  ): Promise<void> {
    const target = { kind: "PersistentVolumeClaim", apiVersion: "v1", object: claim };
    return this.options.events.record(target, type, reason, message, repeatSeconds);
  }
}

function placeOf({ metadata }: PersistentVolume): { zone: string; id: string } | undefined {
  const [zone, id] = metadata.annotations?.[VOLUME_ID]?.split("/") ?? [];
  return zone && id ? { zone, id } : undefined;
}
