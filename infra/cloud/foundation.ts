import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { FoundationSettings } from "../settings/foundation";
import type { Project } from "../settings/project";
import { Buckets } from "./buckets";
import { type Credentials, WorkloadIdentity } from "./workload-identity";

export interface FoundationArgs extends FoundationSettings {
  readonly project: Project;
}

/** A place of images, and who may fetch them. */
export interface ImageRegistry {
  /**
   * Begins the reference of every image of ours: `rg.<region>.scw.cloud/<namespace>`. It follows from the settings, so
   * that a preview knows it: compiled pipelines hold it, and are named by their content.
   */
  readonly address: string;
  /** The same, known once the namespace is there. */
  readonly endpoint: pulumi.Output<string>;
  /** May fetch, and nothing else. */
  readonly pullCredentials: Credentials;
}

/** Object storage, and who does what in it. */
export interface ObjectStorage {
  readonly region: string;
  /** Address of the S3 API. */
  readonly endpointUrl: string;
  readonly buckets: Buckets;
  /** Of the steps: they read data and publish models. */
  readonly steps: Credentials;
  /** Of what carries pipelines out: it keeps their artifacts. */
  readonly pipelines: Credentials;
  /** Of what answers with a model: it reads, and nothing else. */
  readonly serving: Credentials;
}

/** Reads, writes and deletes objects; buckets themselves stay as they are. */
const READ = ["ObjectStorageObjectsRead"];
const READ_AND_WRITE = [...READ, "ObjectStorageObjectsWrite", "ObjectStorageObjectsDelete"];

/** What outlives clusters: images, data, models, and the identities of what runs in a cluster. */
export class Foundation extends pulumi.ComponentResource {
  readonly registry: ImageRegistry;
  readonly objectStorage: ObjectStorage;
  private readonly buckets: Buckets;

  constructor(name: string, args: FoundationArgs, opts?: pulumi.ComponentResourceOptions) {
    // Children inherit the protection.
    super("recommender:cloud:Foundation", name, args, { protect: args.protect, ...opts });
    const namespace = this.createRegistry(name, args);
    this.buckets = this.createBuckets(name, args);
    const imagePulls = this.createIdentity(name, "image-pulls", args, ["ContainerRegistryReadOnly"]);
    const steps = this.createIdentity(name, "steps", args, READ_AND_WRITE);
    const pipelines = this.createIdentity(name, "pipelines", args, READ_AND_WRITE);
    const serving = this.createIdentity(name, "serving", args, READ);
    const { project } = args;
    this.registry = {
      address: `rg.${project.region}.scw.cloud/${project.name}`,
      endpoint: namespace.endpoint,
      pullCredentials: imagePulls.credentials,
    };
    this.objectStorage = {
      region: project.region,
      endpointUrl: `https://s3.${project.region}.scw.cloud`,
      buckets: this.buckets,
      steps: steps.credentials,
      pipelines: pipelines.credentials,
      serving: serving.credentials,
    };
    this.registerOutputs({ registryEndpoint: namespace.endpoint, dataBucket: this.buckets.data.name });
  }

  private createRegistry(name: string, { project }: FoundationArgs) {
    return new scaleway.registry.Namespace(
      `${name}-registry`,
      {
        // Part of every image's name, and unique per region among all customers.
        name: project.name,
        projectId: project.projectId,
        region: project.region,
        description: "Images of the recommender platform",
        isPublic: false,
      },
      { parent: this },
    );
  }

  private createBuckets(name: string, args: FoundationArgs) {
    const { project, keepOldVersionsDays, keepArtifactsDays, emptyBucketsOnDestroy: emptyOnDestroy } = args;
    return new Buckets(
      `${name}-buckets`,
      { project, keepOldVersionsDays, keepArtifactsDays, emptyOnDestroy },
      { parent: this },
    );
  }

  private createIdentity(name: string, role: string, args: FoundationArgs, permissionSets: string[]) {
    return new WorkloadIdentity(
      `${name}-${role}`,
      {
        project: args.project,
        description: `What runs in the cluster of ${args.project.name}: ${role}`,
        permissionSets,
        expiresAt: args.apiKeysExpireAt,
      },
      { parent: this },
    );
  }
}
