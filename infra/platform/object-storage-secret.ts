import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Credentials } from "../cloud/workload-identity";

export interface ObjectStorageSecretArgs {
  readonly namespace: pulumi.Input<string>;
  /** Name of the Secret. It is fixed, because compiled pipelines name it. */
  readonly secretName: string;
  readonly credentials: Credentials;
  /** Address of the S3 API. */
  readonly endpointUrl: string;
  readonly region: string;
}

/** Lets pods of one namespace reach object storage: a Secret with the AWS_* variables, for `envFrom`. */
export class ObjectStorageSecret extends pulumi.ComponentResource {
  readonly secretName: string;
  /** The same name, known once the Secret is there. */
  readonly ready: pulumi.Output<string>;
  /** Changes with the key: pods read their environment once, so others begin with the new one. */
  readonly accessKey: pulumi.Output<string>;

  constructor(name: string, args: ObjectStorageSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:ObjectStorageSecret", name, args, opts);
    this.secretName = args.secretName;
    this.accessKey = pulumi.output(args.credentials.accessKey);
    this.ready = this.createSecret(name, args).metadata.name;
    this.registerOutputs({ ready: this.ready });
  }

  private createSecret(name: string, args: ObjectStorageSecretArgs) {
    const { namespace, secretName, credentials, endpointUrl, region } = args;
    return new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { namespace, name: secretName },
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
}
