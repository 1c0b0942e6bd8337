import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Quantity } from "../settings/fields";

/** The part of a persistent volume that says where the bytes are. */
export type VolumeBacking = Pick<k8s.types.input.core.v1.PersistentVolumeSpec, "nfs" | "hostPath" | "mountOptions">;

export interface SharedVolumeArgs {
  /** Namespace the claim lives in. */
  readonly namespace: pulumi.Input<string>;
  /** Where the bytes are. */
  readonly backing: VolumeBacking;
  /** Size that claim and volume state when they are made; what is behind them may grow later. */
  readonly size: Quantity;
}

/** Name of the claim: every step of every pipeline mounts it. */
export const SHARED_CLAIM = "nfs";

/** One directory tree that every step of a pipeline reads and writes, from any node. */
export class SharedVolume extends pulumi.ComponentResource {
  /** Claim to mount, known once it is bound. */
  readonly claimName: pulumi.Output<string>;

  constructor(name: string, args: SharedVolumeArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:SharedVolume", name, args, opts);
    const volume = this.createVolume(name, args);
    const claim = this.createClaim(name, args, volume);
    this.claimName = claim.metadata.name;
    this.registerOutputs({ claimName: this.claimName });
  }

  private createVolume(name: string, { namespace, backing, size }: SharedVolumeArgs) {
    return new k8s.core.v1.PersistentVolume(
      `${name}-volume`,
      {
        spec: {
          ...backing,
          capacity: { storage: size },
          accessModes: ["ReadWriteMany"],
          persistentVolumeReclaimPolicy: "Retain",
          storageClassName: "",
          // Nobody else may claim the data.
          claimRef: { namespace, name: SHARED_CLAIM },
        },
      },
      { parent: this, ignoreChanges: ["spec.capacity"] },
    );
  }

  private createClaim(name: string, { namespace, size }: SharedVolumeArgs, volume: k8s.core.v1.PersistentVolume) {
    return new k8s.core.v1.PersistentVolumeClaim(
      `${name}-claim`,
      {
        metadata: { namespace, name: SHARED_CLAIM },
        spec: {
          accessModes: ["ReadWriteMany"],
          // Empty, not absent: with the default class a new block volume would be made instead.
          storageClassName: "",
          volumeName: volume.metadata.name,
          resources: { requests: { storage: size } },
        },
      },
      // Kubernetes lets only claims with a storage class grow; to this one the size is a label that nothing reads.
      { parent: this, ignoreChanges: ["spec.resources"] },
    );
  }
}
