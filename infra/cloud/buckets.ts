import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { Project } from "../settings/project";
import { tagMap } from "./tags";

export interface BucketsArgs {
  readonly project: Project;
  /** Days for which overwritten or deleted objects can be brought back. Cost: billed meanwhile. */
  readonly keepOldVersionsDays: number;
  /** Days after which pipeline artifacts are deleted. */
  readonly keepArtifactsDays: number;
  /** Whether a destroy also deletes the objects. */
  readonly emptyOnDestroy: boolean;
}

/** Three versioned buckets, private as Scaleway makes them: what is learned from, what was learned, and what pipelines leave behind. */
export class Buckets extends pulumi.ComponentResource {
  readonly data: scaleway.object.Bucket;
  readonly models: scaleway.object.Bucket;
  readonly artifacts: scaleway.object.Bucket;

  constructor(name: string, args: BucketsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:cloud:Buckets", name, args, opts);
    this.data = this.createBucket(name, "data", args);
    this.models = this.createBucket(name, "models", args);
    this.artifacts = this.createBucket(name, "artifacts", args, { days: args.keepArtifactsDays });
    this.registerOutputs({ data: this.data.name, models: this.models.name, artifacts: this.artifacts.name });
  }

  private createBucket(name: string, role: string, args: BucketsArgs, expiration?: { days: number }) {
    const { project, keepOldVersionsDays, emptyOnDestroy } = args;
    return new scaleway.object.Bucket(
      `${name}-${role}`,
      {
        // Steps and people type this name; it is unique among all customers, hence the project's in front.
        name: `${project.name}-${role}`,
        projectId: project.projectId,
        region: project.region,
        forceDestroy: emptyOnDestroy,
        versioning: { enabled: true },
        // Ids are given because the provider would draw random ones, and show a change at each comparison.
        lifecycleRules: [
          { id: "old-versions", enabled: true, noncurrentVersionExpiration: { noncurrentDays: keepOldVersionsDays } },
          { id: "broken-uploads", enabled: true, abortIncompleteMultipartUploadDays: 1 },
          ...(expiration ? [{ id: "expiry", enabled: true, expiration }] : []),
        ],
        tags: tagMap(),
      },
      { parent: this },
    );
  }
}
