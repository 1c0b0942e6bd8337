import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { CompactSettings } from "../../settings/kubeflow";
import { blockDisk } from "../block-disk";
import { SHARED_MOUNT, USER_ID } from "../pods";
import { access, API_SERVER_PORTS, HTTPS_PORT } from "./access";
import { Account } from "./account";
import type { ArtifactStorage, ArtifactStore } from "./artifact-store";
import { HTTP_PORT, STEP_LABELS, type Surroundings, WEBHOOK_PORT } from "./surroundings";
import type { WebhookCertificate } from "./webhook-certificate";
import { environment, namespaceVariable, podLabels, workload } from "./workload";

export interface CompactBackendArgs {
  readonly settings: CompactSettings;
  readonly surroundings: Surroundings;
  readonly image: pulumi.Input<string>;
  readonly storage: ArtifactStorage;
  readonly artifacts: ArtifactStore;
  readonly certificate: WebhookCertificate;
  readonly pullSecretName: pulumi.Input<string>;
  readonly claimName: pulumi.Input<string>;
  readonly stepPriorityClassName: pulumi.Input<string>;
  /** Kinds that must be there before it. */
  readonly kinds: readonly pulumi.Resource[];
}

/** How its pods are labelled. */
export const COMPACT_BACKEND = "backend";
const STATE_PATH = "/var/lib/pipelines";
const CERTIFICATE_PATH = "/etc/webhook";

/** One process of ours that answers as Kubeflow Pipelines does, and runs each task as a Job. */
export class CompactBackend extends pulumi.ComponentResource {
  /** Made once it answers. */
  readonly server: k8s.apps.v1.Deployment;

  constructor(name: string, args: CompactBackendArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:CompactBackend", name, args, opts);
    const account = this.createAccount(name, args);
    const { surroundings, settings } = args;
    const disk = blockDisk(`${name}-disk`, { ...settings, namespace: surroundings.namespace }, { parent: this });
    this.createAccess(name, args);
    this.server = this.createServer(name, args, account, disk);
    this.registerOutputs({ server: this.server.metadata.name });
  }

  private createAccount(name: string, { surroundings: { namespace } }: CompactBackendArgs) {
    const read = ["get", "list", "watch"];
    const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
      { apiGroups: ["batch"], resources: ["jobs"], verbs: [...read, "create", "delete"] },
      { apiGroups: [""], resources: ["pods", "pods/log"], verbs: read },
      { apiGroups: [""], resources: ["events"], verbs: read },
      // Pipelines that clients upload become objects, as with the official backend.
      {
        apiGroups: ["pipelines.kubeflow.org"],
        resources: ["pipelines", "pipelineversions"],
        verbs: [...read, "create", "update", "patch", "delete"],
      },
    ];
    return new Account(`${name}-account`, { namespace, rules }, { parent: this });
  }

  private createServer(
    name: string,
    args: CompactBackendArgs,
    { accountName }: Account,
    disk: k8s.core.v1.PersistentVolumeClaim,
  ) {
    const { surroundings, image, pullSecretName, settings, certificate, artifacts, claimName, kinds } = args;
    const health = { path: "/apis/v2beta1/healthz", port: "http" };
    return workload(
      `${name}-server`,
      {
        ...{ surroundings, component: COMPACT_BACKEND, image, pullSecretName, resources: settings.resources },
        user: { id: USER_ID, group: USER_ID },
        // Its records belong to one process at a time.
        alone: true,
        env: variables(args),
        ports: { http: HTTP_PORT, webhook: WEBHOOK_PORT },
        probes: {
          startupProbe: { httpGet: health, periodSeconds: 1, failureThreshold: 60 },
          readinessProbe: { httpGet: health, periodSeconds: 5, timeoutSeconds: 2 },
          livenessProbe: { httpGet: health, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
        },
        serviceAccountName: accountName,
        mounts: [
          { name: "state", path: STATE_PATH, source: { persistentVolumeClaim: { claimName: disk.metadata.name } } },
          { name: "shared", path: SHARED_MOUNT, source: { persistentVolumeClaim: { claimName } } },
          {
            name: "certificate",
            path: CERTIFICATE_PATH,
            source: { secret: { secretName: certificate.secretName } },
            readOnly: true,
          },
        ],
        scratch: ["/tmp"],
        restartOn: { "recommender/certificate": certificate.fingerprint, "recommender/artifacts-key": artifacts.keyId },
      },
      { parent: this, dependsOn: [...kinds] },
    );
  }

  private createAccess(name: string, { surroundings: { namespace } }: CompactBackendArgs) {
    const outsidePorts = [...new Set([...API_SERVER_PORTS, HTTPS_PORT])];
    access(
      `${name}-access`,
      // The control plane asks the webhook, and forwards to the API for whoever may use the Service's proxy.
      { namespace, pods: podLabels(COMPACT_BACKEND), openPorts: [HTTP_PORT, WEBHOOK_PORT], outsidePorts },
      { parent: this },
    );
    access(
      `${name}-steps-access`,
      // Steps fetch data sets and write models; they talk neither to each other nor to the API server.
      { namespace, pods: STEP_LABELS, outsidePorts: [HTTPS_PORT] },
      { parent: this },
    );
  }
}

function variables(args: CompactBackendArgs): k8s.types.input.core.v1.EnvVar[] {
  const { storage, artifacts, claimName, pullSecretName, stepPriorityClassName } = args;
  return [
    namespaceVariable("NAMESPACE"),
    ...environment(
      {
        PORT: String(HTTP_PORT),
        WEBHOOK_PORT: String(WEBHOOK_PORT),
        WEBHOOK_CERTIFICATE: `${CERTIFICATE_PATH}/tls.crt`,
        WEBHOOK_KEY: `${CERTIFICATE_PATH}/tls.key`,
        STATE_DIRECTORY: STATE_PATH,
        SHARED_DIRECTORY: SHARED_MOUNT,
        SHARED_CLAIM: claimName,
        PIPELINE_ROOT: artifacts.pipelineRoot,
        PULL_SECRET: pullSecretName,
        PRIORITY_CLASS: stepPriorityClassName,
        AWS_ENDPOINT_URL_S3: storage.endpointUrl,
        AWS_REGION: storage.region,
      },
      { AWS_ACCESS_KEY_ID: artifacts.accessKey, AWS_SECRET_ACCESS_KEY: artifacts.secretKey },
    ),
  ];
}
