import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ImageRegistry } from "../cloud/foundation";

export interface PullSecretArgs {
  readonly namespace: pulumi.Input<string>;
  readonly registry: ImageRegistry;
}

/** Name of the Secret. It is fixed, because compiled pipelines name it. */
export const PULL_SECRET = "image-pulls";

/** Lets the pods of one namespace fetch our images. */
export class PullSecret extends pulumi.ComponentResource {
  /** Name to put into `imagePullSecrets`. */
  readonly secretName: pulumi.Output<string>;

  constructor(name: string, args: PullSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:PullSecret", name, args, opts);
    const secret = new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { namespace: args.namespace, name: PULL_SECRET },
        type: "kubernetes.io/dockerconfigjson",
        stringData: { ".dockerconfigjson": dockerConfig(args.registry) },
      },
      { parent: this },
    );
    this.secretName = secret.metadata.name;
    this.registerOutputs({ secretName: this.secretName });
  }
}

function dockerConfig({ endpoint, pullCredentials }: ImageRegistry): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([endpoint, pullCredentials.secretKey]).apply(([address, password]) => {
      const host = address.split("/")[0] ?? address;
      // Scaleway judges by the key alone; any user name does.
      const username = "nologin";
      const auth = Buffer.from(`${username}:${password}`).toString("base64");
      return JSON.stringify({ auths: { [host]: { username, password, auth } } });
    }),
  );
}
