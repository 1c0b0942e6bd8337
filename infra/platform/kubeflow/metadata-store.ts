import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../settings/fields";
import { access } from "./access";
import { METADATA_DATABASE, type DatabaseAddress } from "./database";
import { API_SERVER, METADATA_PORT, METADATA_PROXY, METADATA_STORE } from "./parts";
import { STEP_LABELS, type Surroundings } from "./surroundings";
import { environment, KUBEFLOW_USER, podLabels, workload } from "./workload";

export interface MetadataStoreArgs {
  readonly surroundings: Surroundings;
  readonly image: string;
  readonly resources: ContainerResources;
  readonly database: DatabaseAddress;
}

/** Name by which steps find it. */
export const METADATA_SERVICE = "metadata-grpc-service";

/** ML Metadata: which task made which artifact of what, and so what need not be made again. */
export class MetadataStore extends pulumi.ComponentResource {
  /** Service in front of it, made once it answers. */
  readonly service: k8s.core.v1.Service;

  constructor(name: string, args: MetadataStoreArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:MetadataStore", name, args, opts);
    const server = this.createServer(name, args, opts?.dependsOn);
    this.service = this.createService(name, args, server);
    this.createAddress(name, args);
    this.createAccess(name, args);
    this.registerOutputs({ service: this.service.metadata.name });
  }

  private createServer(
    name: string,
    { surroundings, image, resources, database }: MetadataStoreArgs,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ) {
    const tcpSocket = { port: "grpc" };
    return workload(
      `${name}-server`,
      {
        ...{ surroundings, component: METADATA_STORE, image, user: KUBEFLOW_USER, resources },
        command: ["/bin/metadata_store_server"],
        args: [
          `--grpc_port=${METADATA_PORT}`,
          `--mysql_config_database=${METADATA_DATABASE}`,
          "--mysql_config_host=$(MYSQL_HOST)",
          "--mysql_config_port=$(MYSQL_PORT)",
          "--mysql_config_user=$(MYSQL_USER)",
          "--mysql_config_password=$(MYSQL_PASSWORD)",
          "--enable_database_upgrade=true",
        ],
        env: environment(
          { MYSQL_HOST: database.host, MYSQL_PORT: database.port },
          { MYSQL_USER: database.user, MYSQL_PASSWORD: database.password },
        ),
        ports: { grpc: METADATA_PORT },
        probes: {
          startupProbe: { tcpSocket, periodSeconds: 5, failureThreshold: 24 },
          readinessProbe: { tcpSocket, periodSeconds: 5 },
          livenessProbe: { tcpSocket, periodSeconds: 20, failureThreshold: 3 },
        },
        scratch: ["/tmp"],
      },
      { parent: this, dependsOn },
    );
  }

  private createService(name: string, { surroundings: { namespace } }: MetadataStoreArgs, server: pulumi.Resource) {
    return new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { namespace, name: METADATA_SERVICE },
        spec: {
          selector: podLabels(METADATA_STORE),
          ports: [{ name: "grpc", port: METADATA_PORT, targetPort: "grpc" }],
        },
      },
      { parent: this, dependsOn: [server] },
    );
  }

  /** Read into the environment of every driver and launcher. */
  private createAddress(name: string, { surroundings: { namespace } }: MetadataStoreArgs) {
    return new k8s.core.v1.ConfigMap(
      `${name}-address`,
      {
        metadata: { namespace, name: "metadata-grpc-configmap" },
        data: { METADATA_GRPC_SERVICE_HOST: METADATA_SERVICE, METADATA_GRPC_SERVICE_PORT: String(METADATA_PORT) },
      },
      { parent: this },
    );
  }

  private createAccess(name: string, { surroundings: { namespace }, database }: MetadataStoreArgs) {
    const port = METADATA_PORT;
    const callers = [STEP_LABELS, podLabels(API_SERVER), podLabels(METADATA_PROXY)];
    access(
      `${name}-access`,
      {
        namespace,
        pods: podLabels(METADATA_STORE),
        callers: callers.map((pods) => ({ pods, port })),
        ...database.egress,
      },
      { parent: this },
    );
  }
}
