import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../platform/labels";
import { placement, restrictedContainer, restrictedPod, scratch, shared } from "../platform/pods";

export interface NfsAccessArgs {
  readonly namespace: pulumi.Input<string>;
  /** An image with a shell. */
  readonly image: pulumi.Input<string>;
  readonly pool: string;
  readonly claimName: pulumi.Input<string>;
  readonly pullSecretName: pulumi.Input<string>;
}

/** A pod with the shared volume and nothing to do: `kubectl exec` and `kubectl cp` reach the files through it. */
export class NfsAccess extends pulumi.ComponentResource {
  constructor(name: string, args: NfsAccessArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:NfsAccess", name, args, opts);
    const volume = shared(args.claimName);
    new k8s.core.v1.Pod(
      `${name}-pod`,
      {
        metadata: { namespace: args.namespace, name: "nfs-access", labels: labels("nfs-access", "shell") },
        spec: {
          ...placement(args.pool, false),
          automountServiceAccountToken: false,
          imagePullSecrets: [{ name: args.pullSecretName }],
          securityContext: restrictedPod,
          terminationGracePeriodSeconds: 0,
          containers: [
            {
              name: "shell",
              image: args.image,
              command: ["sleep", "infinity"],
              securityContext: restrictedContainer,
              volumeMounts: [volume.mount, scratch.mount],
            },
          ],
          volumes: [volume.volume, scratch.volume],
        },
      },
      { parent: this, deleteBeforeReplace: true },
    );
    this.registerOutputs({});
  }
}
