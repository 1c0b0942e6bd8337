import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { DatabaseSettings } from "../../settings/kubeflow";
import { blockDisk } from "../block-disk";
import { access, type AccessArgs } from "./access";
import type { SecretEntry } from "./artifact-store";
import { API_SERVER, DATABASE, DATABASE_PORT, METADATA_STORE } from "./parts";
import type { Surroundings } from "./surroundings";
import { environment, podLabels, workload, type User } from "./workload";

/** How the API server and the metadata store reach their database. */
export interface DatabaseAddress {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<string>;
  readonly user: SecretEntry;
  readonly password: SecretEntry;
  /** Resources after which it answers. */
  readonly ready: readonly pulumi.Resource[];
  /** What whoever uses it must be let through to. */
  readonly egress: Pick<AccessArgs, "calls" | "outsidePorts">;
}

/** Database of pipelines, experiments and runs. */
export const PIPELINES_DATABASE = "mlpipeline";
/** Database of artifacts' metadata. */
export const METADATA_DATABASE = "metadb";
/** Account that owns both, and nothing else. */
export const DATABASE_USER = "pipelines";

export interface DatabaseArgs extends Omit<Extract<DatabaseSettings, { kind: "cluster" }>, "kind"> {
  readonly surroundings: Surroundings;
  readonly image: string;
}

/** User of the official image of MySQL. */
const MYSQL_USER: User = { id: 999, group: 999 };

/** MySQL in the cluster: one pod in front of one block volume. */
export class Database extends pulumi.ComponentResource implements DatabaseAddress {
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<string>;
  readonly user: SecretEntry;
  readonly password: SecretEntry;
  readonly ready: readonly pulumi.Resource[];
  readonly egress = { calls: [{ pods: podLabels(DATABASE), port: DATABASE_PORT }] };

  constructor(name: string, args: DatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Database", name, args, opts);
    const secret = this.createSecret(name, args);
    const disk = blockDisk(`${name}-disk`, { ...args, namespace: args.surroundings.namespace }, { parent: this });
    const setUp = this.createSetUp(name, args);
    const server = this.createServer(name, args, { secret, disk, setUp });
    const service = this.createService(name, args, server);
    this.createAccess(name, args);
    this.host = service.metadata.name;
    this.port = pulumi.output(String(DATABASE_PORT));
    this.user = { name: secret.metadata.name, key: "username" };
    this.password = { name: secret.metadata.name, key: "password" };
    this.ready = [service];
    this.registerOutputs({ host: this.host });
  }

  private createSecret(name: string, { surroundings: { namespace } }: DatabaseArgs) {
    const password = (role: string) =>
      new random.RandomPassword(`${name}-${role}`, { length: 32, special: false }, { parent: this }).result;
    return new k8s.core.v1.Secret(
      `${name}-secret`,
      {
        metadata: { namespace },
        stringData: {
          username: DATABASE_USER,
          password: password("password"),
          rootPassword: password("root-password"),
        },
      },
      { parent: this },
    );
  }

  /** What the image runs once, on an empty disk; it makes the user and the first database by itself. */
  private createSetUp(name: string, { surroundings: { namespace } }: DatabaseArgs) {
    const statements = [
      `CREATE DATABASE IF NOT EXISTS ${METADATA_DATABASE};`,
      `GRANT ALL ON ${METADATA_DATABASE}.* TO '${DATABASE_USER}'@'%';`,
    ];
    return new k8s.core.v1.ConfigMap(
      `${name}-set-up`,
      { metadata: { namespace }, data: { "metadata.sql": `${statements.join("\n")}\n` } },
      { parent: this },
    );
  }

  private createServer(
    name: string,
    { surroundings, image, resources }: DatabaseArgs,
    needs: { secret: k8s.core.v1.Secret; disk: k8s.core.v1.PersistentVolumeClaim; setUp: k8s.core.v1.ConfigMap },
  ) {
    const secret = (key: string) => ({ name: needs.secret.metadata.name, key });
    // The image answers on the network only once its set-up is over.
    const tcpSocket = { port: "mysql" };
    return workload(
      `${name}-server`,
      {
        ...{ surroundings, component: DATABASE, image, user: MYSQL_USER, resources, alone: true },
        args: [
          // A directory of its own: at the root of a disk lies lost+found, which is no database.
          "--datadir=/var/lib/mysql/data",
          // The metadata store knows no newer way to log in.
          "--authentication-policy=mysql_native_password",
          "--mysql-native-password=ON",
          // Replication of which there is none would fill the disk.
          "--disable-log-bin",
        ],
        env: environment(
          { MYSQL_DATABASE: PIPELINES_DATABASE },
          {
            MYSQL_USER: secret("username"),
            MYSQL_PASSWORD: secret("password"),
            MYSQL_ROOT_PASSWORD: secret("rootPassword"),
          },
        ),
        ports: { mysql: DATABASE_PORT },
        probes: {
          startupProbe: { tcpSocket, periodSeconds: 5, failureThreshold: 60 },
          readinessProbe: { tcpSocket, periodSeconds: 5 },
          livenessProbe: { tcpSocket, periodSeconds: 20, failureThreshold: 6 },
        },
        mounts: [
          {
            name: "disk",
            path: "/var/lib/mysql",
            source: { persistentVolumeClaim: { claimName: needs.disk.metadata.name } },
          },
          {
            name: "set-up",
            path: "/docker-entrypoint-initdb.d",
            source: { configMap: { name: needs.setUp.metadata.name } },
            readOnly: true,
          },
        ],
        scratch: ["/tmp", "/var/run/mysqld"],
        // InnoDB writes its pages before it goes.
        gracePeriodSeconds: 120,
      },
      { parent: this },
    );
  }

  private createService(name: string, { surroundings: { namespace } }: DatabaseArgs, server: pulumi.Resource) {
    return new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { namespace },
        spec: { selector: podLabels(DATABASE), ports: [{ name: "mysql", port: DATABASE_PORT, targetPort: "mysql" }] },
      },
      { parent: this, dependsOn: [server] },
    );
  }

  private createAccess(name: string, { surroundings: { namespace } }: DatabaseArgs) {
    const port = DATABASE_PORT;
    access(
      `${name}-access`,
      {
        namespace,
        pods: podLabels(DATABASE),
        callers: [API_SERVER, METADATA_STORE].map((part) => ({ pods: podLabels(part), port })),
      },
      { parent: this },
    );
  }
}
