import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { Project } from "../settings/project";
import { tags } from "./tags";

export interface WorkloadIdentityArgs {
  readonly project: Project;
  /** What the identity is for, as the console shows it. */
  readonly description: string;
  /** Permission sets in the project, no more than the work needs. Source: Scaleway's IAM reference. */
  readonly permissionSets: readonly string[];
  /** End of life of the key, RFC 3339. A fixed time: one counted from now would make a new key at every deploy. */
  readonly expiresAt: string;
}

/** What a workload needs to prove who it is. */
export interface Credentials {
  readonly accessKey: pulumi.Output<string>;
  readonly secretKey: pulumi.Output<string>;
}

/**
 * An identity for something that runs in the cluster: application, policy and an expiring API key, which is also kept
 * in Secret Manager, because Scaleway shows a secret key only once.
 */
export class WorkloadIdentity extends pulumi.ComponentResource {
  /** Usable once the policy is in force; the secret half is a Pulumi secret. */
  readonly credentials: Credentials;
  /** Secret that holds the key as JSON `{accessKey, secretKey}`, as `<region>/<uuid>`. */
  readonly secretId: pulumi.Output<string>;

  constructor(name: string, args: WorkloadIdentityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:cloud:WorkloadIdentity", name, args, opts);
    const application = this.createApplication(name, args);
    const policy = this.createPolicy(name, args, application);
    const key = this.createKey(name, args, application, policy);
    const secret = this.createSecret(name, args, key);
    this.credentials = { accessKey: key.accessKey, secretKey: pulumi.secret(key.secretKey) };
    this.secretId = secret.id;
    this.registerOutputs({ accessKey: key.accessKey, secretId: this.secretId });
  }

  private createApplication(name: string, { project, description }: WorkloadIdentityArgs) {
    return new scaleway.iam.Application(
      `${name}-application`,
      { organizationId: project.organizationId, description, tags: tags() },
      { parent: this },
    );
  }

  private createPolicy(name: string, args: WorkloadIdentityArgs, application: scaleway.iam.Application) {
    const { project, description, permissionSets } = args;
    return new scaleway.iam.Policy(
      `${name}-policy`,
      {
        organizationId: project.organizationId,
        applicationId: application.id,
        description,
        rules: [{ permissionSetNames: [...permissionSets], projectIds: [project.projectId] }],
        tags: tags(),
      },
      { parent: this },
    );
  }

  private createKey(
    name: string,
    { project, description, expiresAt }: WorkloadIdentityArgs,
    application: scaleway.iam.Application,
    policy: scaleway.iam.Policy,
  ) {
    return new scaleway.iam.ApiKey(
      `${name}-key`,
      { applicationId: application.id, defaultProjectId: project.projectId, expiresAt, description },
      // Whoever holds the key may use it at once, so the rights come first.
      { parent: this, dependsOn: [policy], additionalSecretOutputs: ["secretKey"] },
    );
  }

  private createSecret(name: string, { project, description }: WorkloadIdentityArgs, key: scaleway.iam.ApiKey) {
    const place = { region: project.region };
    const secret = new scaleway.secrets.Secret(
      `${name}-secret`,
      { ...place, projectId: project.projectId, description, tags: tags() },
      { parent: this },
    );
    new scaleway.secrets.Version(
      `${name}-secret-version`,
      {
        ...place,
        secretId: secret.id,
        // Plain text: the provider encodes it.
        data: pulumi.secret(pulumi.jsonStringify({ accessKey: key.accessKey, secretKey: key.secretKey })),
      },
      { parent: this },
    );
    return secret;
  }
}
