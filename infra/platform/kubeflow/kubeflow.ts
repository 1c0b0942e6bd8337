import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubeflowSettings } from "../../settings/kubeflow";
import type { Project } from "../../settings/project";
import { type ArtifactStorage, ArtifactStore } from "./artifact-store";
import { COMPACT_BACKEND, CompactBackend } from "./compact";
import { customResourceDefinition } from "./custom-resource-definition";
import { PIPELINE_DEFINITIONS } from "./definitions";
import { OfficialBackend } from "./official";
import { API_SERVER } from "./parts";
import { GRPC_PORT, HTTP_PORT, SERVICE_NAME, type Surroundings, WEBHOOK_PORT } from "./surroundings";
import { WebhookCertificate } from "./webhook-certificate";
import { Webhooks } from "./webhooks";
import { podLabels } from "./workload";

export interface KubeflowArgs extends Surroundings {
  readonly settings: KubeflowSettings;
  readonly storage: ArtifactStorage;
  /** Image of the compact backend. */
  readonly compactImage: pulumi.Input<string>;
  /** Secret for `imagePullSecrets`, for our own images. */
  readonly pullSecretName: pulumi.Input<string>;
  /** Claim of the shared volume. */
  readonly claimName: pulumi.Input<string>;
  /** Class of the pods of steps. */
  readonly stepPriorityClassName: pulumi.Input<string>;
  readonly project: Project;
  /** Network of the nodes, for a managed database. */
  readonly privateNetworkId: pulumi.Input<string>;
}

interface BackendParts {
  /** Kinds that must be there before a backend, which would end without them, and begin again later and later. */
  readonly kinds: pulumi.Resource[];
  readonly certificate: WebhookCertificate;
  readonly artifacts: ArtifactStore;
}

/**
 * What carries pipelines out, in the namespace of the recommenders: their kinds, a backend behind the Service
 * `ml-pipeline`, and the webhooks by which it judges new versions. Everything above it is the same for both backends.
 */
export class Kubeflow extends pulumi.ComponentResource {
  /** Namespace in which pipelines are declared and run. */
  readonly namespace: pulumi.Output<string>;
  /** Service of the API in that namespace. */
  readonly serviceName: string = SERVICE_NAME;
  /** Port of the API. */
  readonly servicePort: number = HTTP_PORT;
  /** Where artifacts go unless a pipeline says otherwise. */
  readonly pipelineRoot: pulumi.Output<string>;
  /** Resolves to the Service's name once the API answers and new versions are judged: no version comes before it. */
  readonly ready: pulumi.Output<string>;

  constructor(name: string, args: KubeflowArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Kubeflow", name, args, opts);
    this.namespace = pulumi.output(args.namespace);
    const kinds = this.createKinds(name);
    const certificate = this.createCertificate(name, args);
    const artifacts = new ArtifactStore(`${name}-artifacts`, args, { parent: this });
    const service = this.createService(name, args);
    const server = this.createBackend(name, args, { kinds, certificate, artifacts });
    const webhooks = this.createWebhooks(name, args, certificate, server);
    this.pipelineRoot = artifacts.pipelineRoot;
    this.ready = pulumi.all([service.metadata.name, webhooks.ready]).apply(([serviceName]) => serviceName);
    this.registerOutputs({ namespace: this.namespace, ready: this.ready });
  }

  private createKinds(name: string) {
    return PIPELINE_DEFINITIONS.map((definition) =>
      customResourceDefinition(`${name}-${definition.spec.names.plural}`, definition, { parent: this }),
    );
  }

  private createCertificate(name: string, { namespace, settings }: KubeflowArgs) {
    return new WebhookCertificate(
      `${name}-certificate`,
      { namespace, service: SERVICE_NAME, expiresAt: settings.certificateExpiresAt },
      { parent: this },
    );
  }

  /**
   * The address that every client knows. It is one resource for both backends, so that another backend changes what
   * stands behind it; made by each of them, the new one would meet the old one of the same name.
   */
  private createService(name: string, { namespace, settings: { backend } }: KubeflowArgs) {
    const selector = podLabels(backend === "compact" ? COMPACT_BACKEND : API_SERVER);
    return new k8s.core.v1.Service(
      `${name}-service`,
      {
        // It comes first, since parts of a backend look for it; whether somebody answers, the Deployment tells.
        metadata: { namespace, name: SERVICE_NAME, labels: selector, annotations: { "pulumi.com/skipAwait": "true" } },
        spec: {
          selector,
          ports: [
            // The first port is the API's: clients that know no names of ports take that one.
            { name: "http", port: HTTP_PORT, targetPort: "http" },
            ...(backend === "kubeflow" ? [{ name: "grpc", port: GRPC_PORT, targetPort: "grpc" }] : []),
            { name: "webhook", port: WEBHOOK_PORT, targetPort: "webhook" },
          ],
        },
      },
      { parent: this },
    );
  }

  /** Returns what answers, once it does. */
  private createBackend(name: string, args: KubeflowArgs, parts: BackendParts): pulumi.Resource {
    const { settings, namespace, priorityClassName, nodeSelector } = args;
    const surroundings: Surroundings = { namespace, priorityClassName, nodeSelector };
    const shared = { ...args, ...parts, surroundings };
    const options = { parent: this };
    return settings.backend === "compact"
      ? new CompactBackend(`${name}-compact`, { ...shared, settings, image: args.compactImage }, options).server
      : new OfficialBackend(`${name}-official`, { ...shared, settings }, options).server;
  }

  private createWebhooks(
    name: string,
    { namespace }: KubeflowArgs,
    certificate: WebhookCertificate,
    server: pulumi.Resource,
  ) {
    return new Webhooks(`${name}-webhooks`, { namespace, certificate }, { parent: this, dependsOn: [server] });
  }
}
