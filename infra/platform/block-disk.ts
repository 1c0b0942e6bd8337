import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Quantity } from "../settings/fields";

export interface BlockDiskArgs {
  readonly namespace: pulumi.Input<string>;
  /** It grows in place and never shrinks. Cost: billed by size, used or not. */
  readonly size: Quantity;
  readonly storageClass: string;
}

/** A claim to a block volume, which one node mounts at a time. */
export function blockDisk(
  name: string,
  { namespace, size, storageClass }: BlockDiskArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.core.v1.PersistentVolumeClaim {
  return new k8s.core.v1.PersistentVolumeClaim(
    name,
    {
      // The class waits for its first pod, which comes after the claim: waiting for the claim would never end.
      metadata: { namespace, annotations: { "pulumi.com/skipAwait": "true" } },
      spec: {
        accessModes: ["ReadWriteOnce"],
        storageClassName: storageClass,
        resources: { requests: { storage: size } },
      },
    },
    opts,
  );
}
