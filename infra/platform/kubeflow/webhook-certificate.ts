import { createHash } from "node:crypto";
import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import { selfSigned } from "./certificate";

export interface WebhookCertificateArgs {
  readonly namespace: pulumi.Input<string>;
  /** Name of the Service whose name the certificate carries. */
  readonly service: string;
  /** End of life, RFC 3339. Another time makes another key: that is rotation. */
  readonly expiresAt: string;
}

/** Beginning of every certificate: fixed, since one counted from now would differ at every preview. */
const BEGINNING = new Date("2026-01-01T00:00:00Z");

/**
 * Key and certificate of the webhook, without an authority in the cluster. The seed is drawn once and kept in the
 * state as a secret; the rest follows from it. The API server, which alone calls the webhook, is told to trust exactly
 * this certificate, so there is no moment at which a webhook exists that nobody trusts.
 */
export class WebhookCertificate extends pulumi.ComponentResource {
  /** Secret with `tls.crt` and `tls.key`. */
  readonly secretName: pulumi.Output<string>;
  /** What the API server trusts, in base64. */
  readonly caBundle: pulumi.Output<string>;
  /** Changes with the certificate: pods that read it at their start carry this, so that they start anew. */
  readonly fingerprint: pulumi.Output<string>;

  constructor(name: string, args: WebhookCertificateArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:WebhookCertificate", name, args, opts);
    const seed = this.createSeed(name, args);
    const pair = pulumi.all([seed.result, args.namespace]).apply(([seed, namespace]) =>
      selfSigned({
        seed,
        names: [`${args.service}.${namespace}.svc`, `${args.service}.${namespace}.svc.cluster.local`],
        notBefore: BEGINNING,
        notAfter: new Date(args.expiresAt),
      }),
    );
    const secret = this.createSecret(name, args, pair.privateKey, pair.certificate);
    // What follows from a secret is one, too; a certificate is there to be shown.
    const certificate = pulumi.unsecret(pair.certificate);
    this.secretName = secret.metadata.name;
    this.caBundle = certificate.apply((pem) => Buffer.from(pem).toString("base64"));
    this.fingerprint = certificate.apply((pem) => createHash("sha256").update(pem).digest("hex").slice(0, 16));
    this.registerOutputs({ secretName: this.secretName, fingerprint: this.fingerprint });
  }

  private createSeed(name: string, { expiresAt }: WebhookCertificateArgs) {
    return new random.RandomPassword(
      `${name}-seed`,
      { length: 64, special: false, keepers: { expiresAt } },
      { parent: this },
    );
  }

  private createSecret(
    name: string,
    { namespace }: WebhookCertificateArgs,
    key: pulumi.Output<string>,
    certificate: pulumi.Output<string>,
  ) {
    return new k8s.core.v1.Secret(
      `${name}-secret`,
      { metadata: { namespace }, type: "kubernetes.io/tls", stringData: { "tls.crt": certificate, "tls.key": key } },
      { parent: this },
    );
  }
}
