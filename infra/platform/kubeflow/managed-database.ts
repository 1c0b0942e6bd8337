import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import * as scaleway from "@pulumiverse/scaleway";
import { tags } from "../../cloud/tags";
import type { DatabaseSettings } from "../../settings/kubeflow";
import type { Project } from "../../settings/project";
import type { SecretEntry } from "./artifact-store";
import { DATABASE_USER, METADATA_DATABASE, PIPELINES_DATABASE, type DatabaseAddress } from "./database";
import { DATABASE_PORT } from "./parts";

export interface ManagedDatabaseArgs extends Omit<Extract<DatabaseSettings, { kind: "managed" }>, "kind"> {
  readonly namespace: pulumi.Input<string>;
  readonly project: Project;
  /** Network of the nodes, the only one from which the database can be reached. */
  readonly privateNetworkId: pulumi.Input<string>;
}

/** Scaleway's MySQL: its backups and its second node are Scaleway's work, and it outlives the cluster's volumes. */
export class ManagedDatabase extends pulumi.ComponentResource implements DatabaseAddress {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<string>;
  readonly user: SecretEntry;
  readonly password: SecretEntry;
  readonly ready: readonly pulumi.Resource[];
  readonly egress = { outsidePorts: [DATABASE_PORT] };

  constructor(name: string, args: ManagedDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:ManagedDatabase", name, args, opts);
    const password = this.createPassword(name);
    const instance = this.createInstance(name, args, password);
    const rights = [PIPELINES_DATABASE, METADATA_DATABASE].map((database) =>
      this.createDatabase(name, args, instance, database),
    );
    const secret = this.createSecret(name, args, password);
    this.host = instance.privateNetwork.apply((network) => network?.ip ?? "");
    this.port = instance.privateNetwork.apply((network) => String(network?.port ?? ""));
    this.user = { name: secret.metadata.name, key: "username" };
    this.password = { name: secret.metadata.name, key: "password" };
    this.ready = rights;
    this.registerOutputs({ host: this.host });
  }

  private createPassword(name: string) {
    const options = { length: 32, special: true, overrideSpecial: "-_", minLower: 1, minUpper: 1, minNumeric: 1 };
    // Scaleway asks for one character of each kind.
    return new random.RandomPassword(`${name}-password`, { ...options, minSpecial: 1 }, { parent: this }).result;
  }

  private createInstance(name: string, args: ManagedDatabaseArgs, password: pulumi.Output<string>) {
    const { project, nodeType, sizeGb, highAvailability, backup, privateNetworkId } = args;
    return new scaleway.databases.Instance(
      `${name}-instance`,
      {
        projectId: project.projectId,
        region: project.region,
        engine: "MySQL-8",
        nodeType,
        isHaCluster: highAvailability,
        volumeType: "sbs_5k",
        volumeSizeInGb: sizeGb,
        disableBackup: !backup,
        encryptionAtRest: true,
        userName: DATABASE_USER,
        password,
        privateNetwork: { pnId: privateNetworkId, enableIpam: true },
        tags: tags(),
      },
      { parent: this },
    );
  }

  /** A database, and the right of the one user to it; neither program makes a database that exists. */
  private createDatabase(
    name: string,
    { project: { region } }: ManagedDatabaseArgs,
    { id: instanceId }: scaleway.databases.Instance,
    database: string,
  ) {
    const made = new scaleway.databases.Database(
      `${name}-${database}`,
      { region, instanceId, name: database },
      { parent: this },
    );
    return new scaleway.databases.Privilege(
      `${name}-${database}-rights`,
      { region, instanceId, databaseName: made.name, userName: DATABASE_USER, permission: "all" },
      { parent: this },
    );
  }

  private createSecret(name: string, { namespace }: ManagedDatabaseArgs, password: pulumi.Output<string>) {
    return new k8s.core.v1.Secret(
      `${name}-secret`,
      { metadata: { namespace }, stringData: { username: DATABASE_USER, password } },
      { parent: this },
    );
  }
}
