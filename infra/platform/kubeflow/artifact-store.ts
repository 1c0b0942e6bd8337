import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Credentials } from "../../cloud/workload-identity";

/** The bucket in which runs leave their artifacts. */
export interface ArtifactStorage {
  readonly bucket: pulumi.Input<string>;
  readonly region: string;
  /** Address of the S3 API. */
  readonly endpointUrl: string;
  /** Of an identity of its own: may read and write objects. */
  readonly credentials: Credentials;
}

export interface ArtifactStoreArgs {
  readonly namespace: pulumi.Input<string>;
  readonly storage: ArtifactStorage;
}

/** An entry of a Secret. */
export interface SecretEntry {
  readonly name: pulumi.Input<string>;
  readonly key: string;
}

/** Below this prefix of the bucket lie the artifacts of all runs. */
const ROOT = "v2/artifacts";

/** How the parts of a backend, and the steps themselves, reach the bucket of artifacts. */
export class ArtifactStore extends pulumi.ComponentResource {
  readonly accessKey: SecretEntry;
  readonly secretKey: SecretEntry;
  /**
   * Public half of the key. Pods that read the key at their start carry it: they start anew with the next key, since
   * the old one ends.
   */
  readonly keyId: pulumi.Output<string>;
  /** Where artifacts go unless a pipeline says otherwise: `s3://<bucket>/<prefix>`. */
  readonly pipelineRoot: pulumi.Output<string>;

  constructor(name: string, args: ArtifactStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:ArtifactStore", name, args, opts);
    const secret = this.createSecret(name, args);
    this.accessKey = { name: secret.metadata.name, key: "accesskey" };
    this.secretKey = { name: secret.metadata.name, key: "secretkey" };
    this.keyId = pulumi.output(args.storage.credentials.accessKey);
    this.pipelineRoot = pulumi.interpolate`s3://${args.storage.bucket}/${ROOT}`;
    this.registerOutputs({ pipelineRoot: this.pipelineRoot });
  }

  private createSecret(name: string, { namespace, storage: { credentials } }: ArtifactStoreArgs) {
    return new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        // The driver reads the Secret of this name where it publishes its log.
        metadata: { namespace, name: "mlpipeline-minio-artifact" },
        stringData: { accesskey: credentials.accessKey, secretkey: credentials.secretKey },
      },
      { parent: this },
    );
  }
}
