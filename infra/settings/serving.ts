import { z } from "zod";
import { resources } from "./fields";

/** What answers with a model. */
export const serving = z
  .strictObject({
    exposure: z
      .enum(["LoadBalancer", "ClusterIP"])
      .default("ClusterIP")
      .describe(
        "LoadBalancer: a public address. Cost: one load balancer. ClusterIP: reachable inside the cluster only.",
      ),
    replicas: z.int().min(1).max(50).default(2).describe("Pods that answer; from 2 on, a lost node loses no request."),
    resources: resources({ cpu: "100m", memory: "256Mi" }),
    modelVersion: z
      .string()
      .regex(/^[\w.-]+$/, "a version as the model's bucket names its folders")
      .optional()
      .describe(
        "Version of the model that is served whatever is current, to go back or to stay; else the current one.",
      ),
  })
  .prefault({});

export type ServingSettings = z.output<typeof serving>;
