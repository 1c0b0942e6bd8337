import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ImageRegistry, ObjectStorage } from "../cloud/foundation";
import { POOL_LABEL } from "../cloud/pool-plan";
import type { PlatformSettings } from "../settings/platform";
import { Priorities } from "./priorities";
import { PullSecret } from "./pull-secret";
import { SharedVolume } from "./shared-volume";
import { createBacking } from "./volume-backing";
import { Workspace } from "./workspace";

export interface PlatformArgs extends PlatformSettings {
  readonly registry: ImageRegistry;
  readonly objectStorage: ObjectStorage;
  /** Name of the pool whose nodes last; storage runs there. */
  readonly lastingPool: string;
}

/** What the cluster offers to recommenders: a walled namespace, a shared volume, credentials and priorities. */
export class Platform extends pulumi.ComponentResource {
  /** Namespace of the recommenders. */
  readonly namespace: pulumi.Output<string>;
  /** Claim of the shared volume in that namespace. */
  readonly claimName: pulumi.Output<string>;
  /** Secret for `imagePullSecrets` in that namespace. */
  readonly pullSecretName: pulumi.Output<string>;
  /** Secret with the AWS_* variables of object storage, for `envFrom` in that namespace. */
  readonly objectStorageSecretName: pulumi.Output<string>;
  readonly priorities: Priorities;
  readonly registry: ImageRegistry;

  constructor(name: string, args: PlatformArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Platform", name, args, opts);
    this.registry = args.registry;
    this.priorities = new Priorities(`${name}-priorities`, {}, { parent: this });
    this.namespace = this.createWorkspace(name, args).namespace;
    this.pullSecretName = this.createPullSecret(name, args).secretName;
    this.objectStorageSecretName = this.createObjectStorageSecret(name, args).metadata.name;
    this.claimName = this.createSharedVolume(name, args).claimName;
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

  private createObjectStorageSecret(name: string, { objectStorage }: PlatformArgs) {
    const { credentials, endpointUrl, region } = objectStorage;
    return new k8s.core.v1.Secret(
      `${name}-object-storage`,
      {
        metadata: { namespace: this.namespace },
        stringData: {
          AWS_ACCESS_KEY_ID: credentials.accessKey,
          AWS_SECRET_ACCESS_KEY: credentials.secretKey,
          AWS_ENDPOINT_URL_S3: endpointUrl,
          AWS_REGION: region,
        },
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
}
