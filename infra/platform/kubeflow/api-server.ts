import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../settings/fields";
import { USER_ID } from "../pods";
import { access, API_SERVER_PORTS } from "./access";
import { Account } from "./account";
import type { ArtifactStorage, ArtifactStore } from "./artifact-store";
import { PIPELINES_DATABASE, type DatabaseAddress } from "./database";
import type { OfficialImages } from "./images";
import { API_SERVER, METADATA_PORT, METADATA_STORE, PERSISTENCE_AGENT, SCHEDULER } from "./parts";
import { RUNNER } from "./steps";
import { GRPC_PORT, HTTP_PORT, STEP_LABELS, type Surroundings, WEBHOOK_PORT } from "./surroundings";
import { environment, KUBEFLOW_USER, namespaceVariable, podLabels, workload } from "./workload";
import type { WebhookCertificate } from "./webhook-certificate";

export interface ApiServerArgs {
  readonly surroundings: Surroundings;
  readonly images: OfficialImages;
  readonly resources: ContainerResources;
  readonly timeZone: string;
  readonly database: DatabaseAddress;
  readonly storage: ArtifactStorage;
  readonly artifacts: ArtifactStore;
  readonly certificate: WebhookCertificate;
}

const CERTIFICATE_PATH = "/etc/webhook";
const HEALTH = { path: "/apis/v1beta1/healthz", port: "http" };

/** The API of Kubeflow Pipelines: what clients speak to, and what judges new pipeline versions. */
export class ApiServer extends pulumi.ComponentResource {
  /** Made once it answers. */
  readonly server: k8s.apps.v1.Deployment;

  constructor(name: string, args: ApiServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:ApiServer", name, args, opts);
    const account = this.createAccount(name, args);
    const configuration = this.createConfiguration(name, args);
    this.createAccess(name, args);
    this.server = this.createServer(name, args, account, configuration, opts?.dependsOn);
    this.registerOutputs({ server: this.server.metadata.name });
  }

  private createAccount(name: string, { surroundings: { namespace } }: ApiServerArgs) {
    const all = ["create", "get", "list", "watch", "update", "patch", "delete"];
    const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
      { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list", "delete"] },
      { apiGroups: [""], resources: ["configmaps"], resourceNames: ["kfp-launcher"], verbs: ["get"] },
      { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: all },
      {
        apiGroups: ["kubeflow.org"],
        resources: ["scheduledworkflows", "scheduledworkflows/finalizers"],
        verbs: all.filter((verb) => verb !== "watch"),
      },
      {
        apiGroups: ["pipelines.kubeflow.org"],
        resources: ["pipelines", "pipelineversions"].flatMap((kind) => [kind, `${kind}/status`, `${kind}/finalizers`]),
        verbs: all,
      },
    ];
    return new Account(`${name}-account`, { namespace, rules }, { parent: this });
  }

  /**
   * The whole of /config: the image's own names an experiment tracker that is not here, and samples that would become
   * pipelines which nobody declared.
   */
  private createConfiguration(name: string, { surroundings: { namespace }, storage, timeZone }: ApiServerArgs) {
    const configuration = {
      DBConfig: { MySQLConfig: { DriverName: "mysql", DBName: PIPELINES_DATABASE, GroupConcatMaxLen: "4194304" } },
      DBDriverName: "mysql",
      ObjectStoreConfig: { BucketName: storage.bucket, PipelinePath: "pipelines" },
      ARCHIVE_CONFIG_LOG_FILE_NAME: "main.log",
      ARCHIVE_CONFIG_LOG_PATH_PREFIX: "/artifacts",
      InitConnectionTimeout: "6m",
      DEFAULTPIPELINERUNNERSERVICEACCOUNT: RUNNER,
      CRON_SCHEDULE_TIMEZONE: timeZone,
    };
    return new k8s.core.v1.ConfigMap(
      `${name}-configuration`,
      {
        metadata: { namespace },
        data: {
          "config.json": pulumi.jsonStringify(configuration),
          "sample_config.json": JSON.stringify({ pipelines: [], loadSamplesOnRestart: false }),
        },
      },
      { parent: this },
    );
  }

  private createServer(
    name: string,
    args: ApiServerArgs,
    { accountName }: Account,
    configuration: k8s.core.v1.ConfigMap,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ) {
    const { surroundings, images, resources, certificate, artifacts } = args;
    return workload(
      `${name}-server`,
      {
        ...{ surroundings, component: API_SERVER, image: images.apiServer, user: KUBEFLOW_USER, resources },
        command: ["/bin/apiserver"],
        args: [
          "--config=/config",
          "--sampleconfig=/config/sample_config.json",
          "-logtostderr=true",
          // Pipelines are objects of the cluster, not rows of the database.
          "--pipelinesStoreKubernetes=true",
          `--webhookTLSCertPath=${CERTIFICATE_PATH}/tls.crt`,
          `--webhookTLSKeyPath=${CERTIFICATE_PATH}/tls.key`,
        ],
        env: variables(args),
        ports: { http: HTTP_PORT, grpc: GRPC_PORT, webhook: WEBHOOK_PORT },
        probes: {
          // Beside its start this covers changes of the database's tables after an upgrade.
          startupProbe: { httpGet: HEALTH, periodSeconds: 5, failureThreshold: 60 },
          readinessProbe: { httpGet: HEALTH, periodSeconds: 5, timeoutSeconds: 2 },
          livenessProbe: { httpGet: HEALTH, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        },
        serviceAccountName: accountName,
        mounts: [
          {
            name: "configuration",
            path: "/config",
            source: { configMap: { name: configuration.metadata.name } },
            readOnly: true,
          },
          {
            name: "certificate",
            path: CERTIFICATE_PATH,
            source: { secret: { secretName: certificate.secretName } },
            readOnly: true,
          },
        ],
        scratch: ["/tmp"],
        // A request to end closes its webhook and nothing else: it goes when it is killed.
        gracePeriodSeconds: 5,
        restartOn: { "recommender/certificate": certificate.fingerprint, "recommender/artifacts-key": artifacts.keyId },
      },
      { parent: this, dependsOn },
    );
  }

  private createAccess(name: string, { surroundings: { namespace }, database }: ApiServerArgs) {
    access(
      `${name}-access`,
      {
        namespace,
        pods: podLabels(API_SERVER),
        callers: [
          ...[PERSISTENCE_AGENT, SCHEDULER].map((part) => ({ pods: podLabels(part), port: GRPC_PORT })),
          { pods: STEP_LABELS, port: GRPC_PORT },
        ],
        // The control plane asks the webhook, and forwards to the API for whoever may use the Service's proxy.
        openPorts: [HTTP_PORT, WEBHOOK_PORT],
        calls: [...(database.egress.calls ?? []), { pods: podLabels(METADATA_STORE), port: METADATA_PORT }],
        // Object storage answers on one of these.
        outsidePorts: [...API_SERVER_PORTS, ...(database.egress.outsidePorts ?? [])],
      },
      { parent: this },
    );
  }
}

function variables({
  images,
  timeZone,
  database,
  storage,
  artifacts,
}: ApiServerArgs): k8s.types.input.core.v1.EnvVar[] {
  const { hostname, port } = new URL(storage.endpointUrl);
  return [
    namespaceVariable("POD_NAMESPACE"),
    ...environment(
      {
        CLUSTER_DOMAIN: "cluster.local",
        DB_DRIVER_NAME: "mysql",
        DBCONFIG_MYSQLCONFIG_DBNAME: PIPELINES_DATABASE,
        DBCONFIG_MYSQLCONFIG_HOST: database.host,
        DBCONFIG_MYSQLCONFIG_PORT: database.port,
        DBCONFIG_CONMAXLIFETIME: "120s",
        OBJECTSTORECONFIG_HOST: hostname,
        OBJECTSTORECONFIG_PORT: port || "443",
        OBJECTSTORECONFIG_SECURE: "true",
        OBJECTSTORECONFIG_REGION: storage.region,
        OBJECTSTORECONFIG_BUCKETNAME: storage.bucket,
        V2_DRIVER_IMAGE: images.driver,
        V2_LAUNCHER_IMAGE: images.launcher,
        CRON_SCHEDULE_TIMEZONE: timeZone,
        PUBLISH_LOGS: "true",
        LOG_LEVEL: "info",
        PIPELINE_LOG_LEVEL: "1",
        DEFAULT_SECURITY_CONTEXT_RUN_AS_USER: String(USER_ID),
        DEFAULT_SECURITY_CONTEXT_RUN_AS_GROUP: String(USER_ID),
        DEFAULT_SECURITY_CONTEXT_RUN_AS_NON_ROOT: "true",
        // It ends at once where these are not set, whether or not anything is there.
        ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_HOST: "none.invalid",
        ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_PORT: "8888",
      },
      {
        DBCONFIG_MYSQLCONFIG_USER: database.user,
        DBCONFIG_MYSQLCONFIG_PASSWORD: database.password,
        OBJECTSTORECONFIG_ACCESSKEY: artifacts.accessKey,
        OBJECTSTORECONFIG_SECRETACCESSKEY: artifacts.secretKey,
      },
    ),
  ];
}
