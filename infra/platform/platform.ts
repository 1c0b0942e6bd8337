import * as pulumi from "@pulumi/pulumi";
import type { ImageRegistry, ObjectStorage } from "../cloud/foundation";
import { POOL_LABEL } from "../cloud/pool-plan";
import type { PlatformSettings } from "../settings/platform";
import type { Project } from "../settings/project";
import { imageReference } from "./images";
import { Kubeflow } from "./kubeflow/kubeflow";
import { ObjectStorageSecret } from "./object-storage-secret";
import { Priorities } from "./priorities";
import { PULL_SECRET, PullSecret } from "./pull-secret";
import { SHARED_CLAIM, SharedVolume } from "./shared-volume";
import { createBacking } from "./volume-backing";
import { Workspace } from "./workspace";

export interface PlatformArgs extends PlatformSettings {
  readonly registry: ImageRegistry;
  readonly objectStorage: ObjectStorage;
  /** Name of the pool whose nodes last; storage runs there. */
  readonly lastingPool: string;
  readonly project: Project;
  /** Network of the nodes. */
  readonly privateNetworkId: pulumi.Input<string>;
}

/** What the cluster offers to recommenders: a walled namespace, a shared volume, credentials, priorities, pipelines. */
export class Platform extends pulumi.ComponentResource {
  /** Namespace of the recommenders. */
  readonly namespace: pulumi.Output<string>;
  /** Claim of the shared volume in that namespace. */
  readonly claimName: pulumi.Output<string>;
  /** Secret for `imagePullSecrets` in that namespace. */
  readonly pullSecretName: pulumi.Output<string>;
  /** The same two names for compiled pipelines, which take no later values. */
  readonly pullSecret = PULL_SECRET;
  readonly sharedClaim = SHARED_CLAIM;
  /** Keys of object storage for the steps of pipelines. */
  readonly stepStorage: ObjectStorageSecret;
  /** Keys of object storage for what answers with models. */
  readonly servingStorage: ObjectStorageSecret;
  /** What carries pipelines out. */
  readonly kubeflow: Kubeflow;
  readonly priorities: Priorities;
  readonly registry: ImageRegistry;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Platform", name, args, opts);
    this.registry = args.registry;
    this.priorities = new Priorities(`${name}-priorities`, {}, { parent: this });
    this.namespace = this.createWorkspace(name, args).namespace;
    this.pullSecretName = this.createPullSecret(name, args).secretName;
    this.stepStorage = this.createStorageSecret(name, "steps", args);
    this.servingStorage = this.createStorageSecret(name, "serving", args);
    this.claimName = this.createSharedVolume(name, args).claimName;
    this.kubeflow = this.createKubeflow(name, args);
    this.registerOutputs({ namespace: this.namespace, claimName: this.claimName });
  }

  private createWorkspace(name: string, { maxGpus }: PlatformArgs) {
    return new Workspace(
      `${name}-recommenders`,
      { namespace: "recommenders", podSecurity: "restricted", maxGpus },
      { parent: this },
    );
  }

  private createPullSecret(name: string, { registry }: PlatformArgs) {
    return new PullSecret(`${name}-pulls`, { namespace: this.namespace, registry }, { parent: this });
  }

  private createStorageSecret(name: string, role: "steps" | "serving", { objectStorage }: PlatformArgs) {
    const { endpointUrl, region } = objectStorage;
    return new ObjectStorageSecret(
      `${name}-${role}-storage`,
      {
        namespace: this.namespace,
        secretName: `${role}-storage`,
        credentials: objectStorage[role],
        endpointUrl,
        region,
      },
      { parent: this },
    );
  }

  private createSharedVolume(name: string, { sharedVolume, registry, lastingPool }: PlatformArgs) {
    const context = {
      registry,
      priorityClassName: this.priorities.storage,
      nodeSelector: { [POOL_LABEL]: lastingPool },
    };
    const backing = createBacking(`${name}-shared-volume`, sharedVolume, context, { parent: this });
    return new SharedVolume(
      `${name}-shared-volume`,
      { namespace: this.namespace, backing, size: sharedVolume.size },
      { parent: this },
    );
  }

  private createKubeflow(name: string, args: PlatformArgs) {
    const { kubeflow, objectStorage, registry, lastingPool, project, privateNetworkId } = args;
    const { region, endpointUrl, pipelines, buckets } = objectStorage;
    return new Kubeflow(
      `${name}-kubeflow`,
      {
        settings: kubeflow,
        namespace: this.namespace,
        priorityClassName: this.priorities.serving,
        stepPriorityClassName: this.priorities.training,
        nodeSelector: { [POOL_LABEL]: lastingPool },
        storage: { bucket: buckets.artifacts.name, region, endpointUrl, credentials: pipelines },
        compactImage: imageReference(registry, "pipelines-backend"),
        pullSecretName: this.pullSecretName,
        claimName: this.claimName,
        project,
        privateNetworkId,
      },
      { parent: this },
    );
  }
}
