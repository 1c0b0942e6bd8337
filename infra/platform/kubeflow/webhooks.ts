import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PIPELINES_GROUP, PIPELINES_VERSION } from "./definitions";
import { SERVICE_NAME, WEBHOOK_PORT } from "./surroundings";
import type { WebhookCertificate } from "./webhook-certificate";

export interface WebhooksArgs {
  readonly namespace: pulumi.Input<string>;
  readonly certificate: WebhookCertificate;
}

/** Both configurations bear the name that Kubeflow gives them: a second installation cannot go unnoticed. */
const NAME = `pipelineversions.${PIPELINES_GROUP}`;

/**
 * Asks the backend about each pipeline version: it is given labels and an owner, and refused where it cannot be
 * compiled. Without an answer nothing is admitted, so these are made after the backend answers, and before any version.
 */
export class Webhooks extends pulumi.ComponentResource {
  /** Resolves once versions are judged. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: WebhooksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Webhooks", name, args, opts);
    const { dependsOn } = opts ?? {};
    const options = { parent: this, dependsOn };
    const mutating = new k8s.admissionregistration.v1.MutatingWebhookConfiguration(
      `${name}-mutating`,
      { metadata: { name: NAME }, webhooks: [webhook(args, "mutate-pipelineversion")] },
      options,
    );
    const validating = new k8s.admissionregistration.v1.ValidatingWebhookConfiguration(
      `${name}-validating`,
      { metadata: { name: NAME }, webhooks: [webhook(args, "validate-pipelineversion")] },
      options,
    );
    this.ready = pulumi.all([mutating.id, validating.id]).apply(([id]) => id);
    this.registerOutputs({ ready: this.ready });
  }
}

function webhook({ namespace, certificate }: WebhooksArgs, path: string) {
  return {
    name: NAME,
    clientConfig: {
      caBundle: certificate.caBundle,
      service: { namespace, name: SERVICE_NAME, path: `/webhooks/${path}`, port: WEBHOOK_PORT },
    },
    rules: [
      {
        apiGroups: [PIPELINES_GROUP],
        apiVersions: [PIPELINES_VERSION],
        operations: ["CREATE", "UPDATE"],
        resources: ["pipelineversions"],
        scope: "Namespaced",
      },
    ],
    // Versions elsewhere in the cluster are not this backend's.
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    admissionReviewVersions: ["v1"],
    failurePolicy: "Fail",
    sideEffects: "None",
    timeoutSeconds: 10,
  };
}
