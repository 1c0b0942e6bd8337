import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../settings/fields";
import { access, API_SERVER_PORTS, HTTPS_PORT } from "./access";
import { Account } from "./account";
import type { ArtifactStorage, ArtifactStore } from "./artifact-store";
import { API_SERVER, METADATA_PROXY, METADATA_PROXY_PORT, PAGES } from "./parts";
import { HTTP_PORT, SERVICE_NAME, type Surroundings } from "./surroundings";
import { environment, KUBEFLOW_USER, namespaceVariable, podLabels, workload } from "./workload";

export interface PagesArgs {
  readonly surroundings: Surroundings;
  readonly image: string;
  readonly resources: ContainerResources;
  readonly storage: ArtifactStorage;
  readonly artifacts: ArtifactStore;
  /** Service through which pages read metadata; absent where no metadata store runs. */
  readonly metadataService?: pulumi.Input<string>;
}

const PAGES_PORT = 3000;
const SERVICE_PORT = 80;

/** The web pages. They ask nobody who he is: their Service is reached by `kubectl port-forward` and from no other pod. */
export class Pages extends pulumi.ComponentResource {
  constructor(name: string, args: PagesArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Pages", name, args, opts);
    const account = this.createAccount(name, args);
    this.createAccess(name, args);
    const server = this.createServer(name, args, account, opts?.dependsOn);
    this.createService(name, args, server);
    this.registerOutputs();
  }

  private createAccount(name: string, { surroundings: { namespace }, artifacts }: PagesArgs) {
    // Logs of running steps, and the key of the bucket. Upstream's may read every Secret and start pods.
    const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
      { apiGroups: [""], resources: ["pods", "pods/log"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: [artifacts.accessKey.name], verbs: ["get"] },
      { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: ["get", "list"] },
    ];
    return new Account(`${name}-account`, { namespace, rules }, { parent: this });
  }

  private createServer(
    name: string,
    args: PagesArgs,
    { accountName }: Account,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ) {
    const { surroundings, image, resources, artifacts } = args;
    const tcpSocket = { port: "http" };
    return workload(
      `${name}-server`,
      {
        ...{ surroundings, component: PAGES, image, user: KUBEFLOW_USER, resources },
        env: variables(args),
        ports: { http: PAGES_PORT },
        probes: {
          startupProbe: { tcpSocket, periodSeconds: 2, failureThreshold: 60 },
          // This page asks the API: without it there is nothing to show.
          readinessProbe: {
            httpGet: { path: "/apis/v1beta1/healthz", port: "http" },
            periodSeconds: 10,
            timeoutSeconds: 5,
          },
          livenessProbe: { tcpSocket, periodSeconds: 20, failureThreshold: 3 },
        },
        serviceAccountName: accountName,
        scratch: ["/tmp"],
        restartOn: { "recommender/artifacts-key": artifacts.keyId },
      },
      { parent: this, dependsOn },
    );
  }

  private createService(name: string, { surroundings: { namespace } }: PagesArgs, server: pulumi.Resource) {
    return new k8s.core.v1.Service(
      `${name}-service`,
      {
        // The name that Kubeflow's documents tell people to forward to.
        metadata: { namespace, name: `${SERVICE_NAME}-ui` },
        spec: { selector: podLabels(PAGES), ports: [{ name: "http", port: SERVICE_PORT, targetPort: "http" }] },
      },
      { parent: this, dependsOn: [server] },
    );
  }

  private createAccess(name: string, { surroundings: { namespace } }: PagesArgs) {
    access(
      `${name}-access`,
      {
        namespace,
        pods: podLabels(PAGES),
        // A forwarded port comes out of the pod's own kubelet, which policies let through.
        calls: [
          { pods: podLabels(API_SERVER), port: HTTP_PORT },
          { pods: podLabels(METADATA_PROXY), port: METADATA_PROXY_PORT },
        ],
        outsidePorts: [...new Set([...API_SERVER_PORTS, HTTPS_PORT])],
      },
      { parent: this },
    );
  }
}

function variables({ storage, artifacts, metadataService }: PagesArgs): k8s.types.input.core.v1.EnvVar[] {
  const { hostname, port } = new URL(storage.endpointUrl);
  return [
    namespaceVariable("FRONTEND_SERVER_NAMESPACE"),
    ...environment(
      {
        ML_PIPELINE_SERVICE_HOST: SERVICE_NAME,
        ML_PIPELINE_SERVICE_PORT: String(HTTP_PORT),
        ...(metadataService !== undefined && {
          METADATA_ENVOY_SERVICE_SERVICE_HOST: metadataService,
          METADATA_ENVOY_SERVICE_SERVICE_PORT: String(METADATA_PROXY_PORT),
        }),
        AWS_S3_ENDPOINT: hostname,
        AWS_PORT: port || String(HTTPS_PORT),
        AWS_SSL: "true",
        AWS_REGION: storage.region,
        ARGO_ARCHIVE_LOGS: "true",
        ARGO_ARCHIVE_ARTIFACTORY: "s3",
        ARGO_ARCHIVE_BUCKETNAME: storage.bucket,
        DISABLE_GKE_METADATA: "true",
        ALLOW_CUSTOM_VISUALIZATIONS: "false",
      },
      { AWS_ACCESS_KEY_ID: artifacts.accessKey, AWS_SECRET_ACCESS_KEY: artifacts.secretKey },
    ),
  ];
}
