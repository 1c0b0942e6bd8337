import { quantity } from "../kubernetes/quantity";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../../kubernetes/objects";

/** Name by which storage classes ask for Scaleway's block storage. */
export const PROVISIONER = "csi.scaleway.com";
/** Marks a volume as made by this provisioner; the controller manager then leaves its deletion to us. */
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
/** `<zone>/<id>` of the block volume behind a PersistentVolume. */
export const VOLUME_ID = "csi.scaleway.com/volume-id";
export const FINALIZER = "external-provisioner.volume.kubernetes.io/finalizer";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const GIGABYTE = 1e9;

/** What a claim needs done now. */
export type ClaimStep =
  | { readonly kind: "nothing" }
  | { readonly kind: "refuse"; readonly reason: string }
  | { readonly kind: "provision"; readonly selectedNode: string | undefined }
  | { readonly kind: "expand"; readonly volume: PersistentVolume; readonly capacity: string };

export function claimStep(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass | undefined,
  volume: PersistentVolume | undefined,
): ClaimStep {
  if (storageClass?.provisioner !== PROVISIONER || claim.metadata.deletionTimestamp) return { kind: "nothing" };
  if (claim.spec.volumeName) return expansion(claim, storageClass, volume);
  const reason = refusal(claim);
  if (reason) return { kind: "refuse", reason };
  const selectedNode = claim.metadata.annotations?.[SELECTED_NODE];
  const waits = storageClass.volumeBindingMode === "WaitForFirstConsumer" && !selectedNode;
  return waits ? { kind: "nothing" } : { kind: "provision", selectedNode };
}

function refusal({ spec }: PersistentVolumeClaim): string | undefined {
  const shared = spec.accessModes?.find((mode) => mode !== "ReadWriteOnce" && mode !== "ReadWriteOncePod");
  if (shared)
    return `Scaleway block storage attaches to one node at a time and offers ReadWriteOnce only; ${shared} was asked for. Use a shared file system for it.`;
  if (spec.volumeMode === "Block")
    return "Raw block volumes are not offered by this stand-in. Ask for volumeMode Filesystem.";
  if (spec.selector)
    return "A claim with a selector binds to an existing volume only; remove the selector to have one made.";
  if (spec.dataSource) return "Volumes from snapshots or other claims are not offered by this stand-in.";
  return undefined;
}

function expansion(
  { spec }: PersistentVolumeClaim,
  { allowVolumeExpansion }: StorageClass,
  volume: PersistentVolume | undefined,
): ClaimStep {
  const capacity = spec.resources?.requests?.["storage"];
  const current = volume?.spec.capacity?.["storage"];
  if (!volume || !capacity || !current || !allowVolumeExpansion || !isOurs(volume)) return { kind: "nothing" };
  return quantity(capacity) > quantity(current) ? { kind: "expand", volume, capacity } : { kind: "nothing" };
}

/** What a volume's end needs done now: its storage and object go, the object alone, or nothing. */
export function volumeEnd({ metadata, spec, status }: PersistentVolume): "storage" | "object" | "nothing" {
  if (metadata.annotations?.[PROVISIONED_BY] !== PROVISIONER || status?.phase === "Bound") return "nothing";
  const retained = spec.persistentVolumeReclaimPolicy !== "Delete";
  if (metadata.deletionTimestamp) return retained ? "object" : "storage";
  return !retained && (status?.phase === "Released" || status?.phase === "Failed") ? "storage" : "nothing";
}

export function isOurs({ metadata }: PersistentVolume): boolean {
  return metadata.annotations?.[PROVISIONED_BY] === PROVISIONER;
}

/** Derived from the claim, so that a start after a crash finds what was made before it. */
export function volumeName(claim: PersistentVolumeClaim): string {
  return `pvc-${claim.metadata.uid}`;
}

/** Whole decimal gigabytes, in bytes, as block storage is sold; at least one. */
export function soldBytes(capacity: string): number {
  return Math.max(1, Math.ceil(quantity(capacity) / GIGABYTE)) * GIGABYTE;
}

export interface VolumePlace {
  readonly zone: string;
  /** Id of the block volume. */
  readonly id: string;
  readonly directory: string;
}

/** The PersistentVolume of a claim: a directory that each node sees, tied to its zone as a real block volume is. */
export function persistentVolume(claim: PersistentVolumeClaim, storageClass: StorageClass, place: VolumePlace): object {
  const { name, namespace, uid } = claim.metadata;
  const zone = { key: "topology.kubernetes.io/zone", operator: "In", values: [place.zone] };
  return {
    apiVersion: "v1",
    kind: "PersistentVolume",
    metadata: {
      name: volumeName(claim),
      annotations: { [PROVISIONED_BY]: PROVISIONER, [VOLUME_ID]: `${place.zone}/${place.id}` },
      labels: { "topology.kubernetes.io/zone": place.zone },
      finalizers: [FINALIZER],
    },
    spec: {
      capacity: { storage: offered(claim.spec.resources?.requests?.["storage"] ?? "1G") },
      accessModes: claim.spec.accessModes,
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
      storageClassName: storageClass.metadata.name,
      volumeMode: "Filesystem",
      claimRef: { apiVersion: "v1", kind: "PersistentVolumeClaim", namespace, name, uid },
      local: { path: place.directory },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [zone] }] } },
    },
  };
}

/** The text that was asked for, or the smallest volume there is. */
function offered(capacity: string): string {
  return quantity(capacity) < GIGABYTE ? "1G" : capacity;
}
