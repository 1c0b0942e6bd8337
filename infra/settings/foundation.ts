import { z } from "zod";
import { instant } from "./fields";

const days = z.int().min(1).max(3650);

export const foundation = z
  .strictObject({
    protect: z
      .boolean()
      .describe("Whether a destroy is refused until this is false: true wherever data or trained models matter."),
    emptyBucketsOnDestroy: z
      .boolean()
      .default(false)
      .describe("Whether a destroy also deletes the objects of the buckets; for environments to be thrown away."),
    apiKeysExpireAt: instant.describe(
      "End of life of the API keys of what runs in the cluster. Another time makes new keys: that is rotation.",
    ),
    keepOldVersionsDays: days
      .default(30)
      .describe("Days for which overwritten or deleted objects can be brought back. Cost: they are billed meanwhile."),
    keepArtifactsDays: days
      .default(90)
      .describe("Days after which pipeline artifacts are deleted; data and models are kept for ever."),
  })
  .describe("What outlives clusters: registry, buckets, identities and their secrets.");

export type FoundationSettings = z.output<typeof foundation>;
