import { z } from "zod";
import { instant, quantity, resources } from "./fields";

const blockStorage = z
  .enum(["sbs-default", "sbs-5k", "sbs-15k"])
  .default("sbs-5k")
  .describe("Class of the block volume: 5,000 or 15,000 operations a second.");

const certificateExpiresAt = instant
  .default("2036-01-01T00:00:00Z")
  .describe("End of the certificate of the webhook. Another time makes another key and certificate: that is rotation.");

const managedNode = z
  .string()
  .regex(/^db-[a-z0-9-]+$/i, 'a node type of Managed Databases in lower case, such as "db-dev-s"');

const database = z
  .discriminatedUnion(
    "kind",
    [
      z.strictObject({
        kind: z.literal("cluster").describe("MySQL in the cluster, on one block volume."),
        size: quantity
          .default("10Gi")
          .describe("Size of the block volume; it grows in place and never shrinks. Cost: billed by size."),
        storageClass: blockStorage,
        resources: resources({ cpu: "100m", memory: "1Gi" }),
      }),
      z.strictObject({
        kind: z.literal("managed").describe("Scaleway's Managed Database for MySQL, in the cluster's private network."),
        nodeType: managedNode.default("db-dev-s").describe("Type of its node. Cost: billed around the clock."),
        sizeGb: z
          .int()
          .min(10)
          .max(10_000)
          .default(10)
          .describe("Size of its volume in GB; it grows and never shrinks."),
        highAvailability: z.boolean().default(false).describe("Whether a second node stands by. Cost: twice."),
        backup: z.boolean().default(true).describe("Whether Scaleway takes a backup each day and keeps it a week."),
      }),
    ],
    "kind cluster (MySQL on a block volume of the cluster) or kind managed (Scaleway's Managed Database)",
  )
  .prefault({ kind: "cluster" })
  .describe("Where runs, experiments and artifacts' metadata are kept.");

const official = z.strictObject({
  backend: z.literal("kubeflow").describe("Kubeflow Pipelines itself, from its official images."),
  mirror: z
    .string()
    .regex(
      /^[a-z0-9.-]+(:\d+)?(\/[a-z0-9._-]+)*$/,
      "a registry and path without https://, such as rg.fr-par.scw.cloud/mirror",
    )
    .optional()
    .describe("Registry that holds copies of all official images, for clusters that fetch from nowhere else."),
  certificateExpiresAt,
  database,
  ui: z
    .boolean()
    .default(true)
    .describe("Whether the web pages run. They ask nobody who he is: reach them by kubectl port-forward."),
  recurringRuns: z.boolean().default(true).describe("Whether the controller of recurring runs runs."),
  timeZone: z.string().min(1).default("UTC").describe("Time zone of the schedules of recurring runs."),
  keepFinishedHours: z
    .int()
    .min(1)
    .max(24 * 30)
    .default(24)
    .describe(
      "Hours after which pods and workflow of a finished run are deleted; the run itself stays in the database.",
    ),
  apiServer: resources({ cpu: "100m", memory: "512Mi" }),
  persistenceAgent: resources({ cpu: "50m", memory: "256Mi" }),
  scheduler: resources({ cpu: "20m", memory: "128Mi" }),
  workflowController: resources({ cpu: "100m", memory: "512Mi" }),
  metadataStore: resources({ cpu: "50m", memory: "256Mi" }),
  pages: resources({ cpu: "20m", memory: "256Mi" }),
});

const compact = z.strictObject({
  backend: z
    .literal("compact")
    .describe("One process of our own that answers as Kubeflow Pipelines does; a step starts within a second or two."),
  certificateExpiresAt,
  size: quantity
    .default("2Gi")
    .describe(
      "Size of the block volume with its records and logs; it grows in place and never shrinks. Cost: billed by size.",
    ),
  storageClass: blockStorage,
  resources: resources({ cpu: "100m", memory: "512Mi" }),
});

/** What carries pipelines out. */
export const kubeflow = z
  .discriminatedUnion(
    "backend",
    [official, compact],
    "backend kubeflow (the official images) or backend compact (one process of our own)",
  )
  .describe("What carries pipelines out.");

export type KubeflowSettings = z.output<typeof kubeflow>;
export type OfficialSettings = Extract<KubeflowSettings, { backend: "kubeflow" }>;
export type CompactSettings = Extract<KubeflowSettings, { backend: "compact" }>;
export type DatabaseSettings = OfficialSettings["database"];
