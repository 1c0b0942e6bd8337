import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

export interface AccountArgs {
  readonly namespace: pulumi.Input<string>;
  /** What its pods may ask of the API server, in this namespace and nowhere else. */
  readonly rules: k8s.types.input.rbac.v1.PolicyRule[];
  /** Name, where somebody else fixes it; drawn by default. */
  readonly accountName?: string;
  /** Secrets by which pods of this account fetch images, for pods that others make. */
  readonly pullSecretNames?: pulumi.Input<string>[];
  /** Whether pods get the token unasked, for pods that others make. By default they ask for it. */
  readonly givesToken?: boolean;
}

/** An identity towards the API server, with rights in one namespace. */
export class Account extends pulumi.ComponentResource {
  /** Name to put into `serviceAccountName`, known once the rights are in force. */
  readonly accountName: pulumi.Output<string>;

  constructor(name: string, args: AccountArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Account", name, args, opts);
    const account = this.createAccount(name, args);
    const binding = this.createRights(name, args, account);
    this.accountName = pulumi.all([account.metadata.name, binding.id]).apply(([accountName]) => accountName);
    this.registerOutputs({ accountName: this.accountName });
  }

  private createAccount(name: string, args: AccountArgs) {
    const { namespace, accountName, pullSecretNames = [], givesToken = false } = args;
    return new k8s.core.v1.ServiceAccount(
      `${name}-identity`,
      {
        metadata: { namespace, ...(accountName && { name: accountName }) },
        automountServiceAccountToken: givesToken,
        ...(pullSecretNames.length > 0 && { imagePullSecrets: pullSecretNames.map((name) => ({ name })) }),
      },
      { parent: this },
    );
  }

  private createRights(name: string, { namespace, rules }: AccountArgs, account: k8s.core.v1.ServiceAccount) {
    const role = new k8s.rbac.v1.Role(`${name}-role`, { metadata: { namespace }, rules }, { parent: this });
    return new k8s.rbac.v1.RoleBinding(
      `${name}-binding`,
      {
        metadata: { namespace },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: role.metadata.name },
        subjects: [{ kind: "ServiceAccount", name: account.metadata.name, namespace }],
      },
      { parent: this },
    );
  }
}
