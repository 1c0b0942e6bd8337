import { z } from "zod";
import { quantity } from "./fields";
import { kubeflow } from "./kubeflow";

const path = z.string().regex(/^\/[^\0]+$/, "an absolute path of the nodes, such as /var/lib/recommender");

const sharedVolume = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({
        kind: z.literal("nfs").describe("An NFS server of our own in the cluster, in front of one block volume."),
        size: quantity
          .default("100Gi")
          .describe(
            "Size of the block volume; it grows in place and never shrinks. Cost: billed by size, used or not.",
          ),
        storageClass: z
          .enum(["sbs-default", "sbs-5k", "sbs-15k"])
          .default("sbs-5k")
          .describe("Class of the block volume: 5,000 or 15,000 operations a second."),
      }),
      z.strictObject({
        kind: z.literal("hostPath").describe("A directory that all nodes share, where all nodes are one machine."),
        path: path.describe("The directory; it exists and user 65532 may write to it."),
        size: quantity.default("10Gi").describe("Size that the claim states; nothing enforces it."),
      }),
    ],
    "kind nfs (a server in the cluster, with size) or kind hostPath (a directory of the only machine, with path)",
  )
  .describe("The directory tree that every step of a pipeline reads and writes.");

/** What a cluster offers to recommenders. */
export const platform = z
  .strictObject({
    sharedVolume,
    kubeflow,
    maxGpus: z
      .int()
      .min(1)
      .describe("GPUs that recommenders may ask for at the same time; further pods wait. Cost: bounds the GPU bill."),
  })
  .describe("What the cluster offers to recommenders.");

export type PlatformSettings = z.output<typeof platform>;
export type SharedVolumeSettings = PlatformSettings["sharedVolume"];
