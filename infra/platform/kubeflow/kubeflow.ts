import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { KubeflowSettings } from "../../settings/kubeflow";
import type { Project } from "../../settings/project";
import { type ArtifactStorage, ArtifactStore } from "./artifact-store";
import { CompactBackend } from "./compact";
import { customResourceDefinition } from "./custom-resource-definition";
import { PIPELINE_DEFINITIONS } from "./definitions";
import { OfficialBackend } from "./official";
import { HTTP_PORT, SERVICE_NAME, type Surroundings } from "./surroundings";
import { WebhookCertificate } from "./webhook-certificate";
import { Webhooks } from "./webhooks";

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
    const service = this.createBackend(name, args, certificate, artifacts, kinds);
    const webhooks = this.createWebhooks(name, args, certificate, service);
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

  private createBackend(
    name: string,
    args: KubeflowArgs,
    certificate: WebhookCertificate,
    artifacts: ArtifactStore,
    kinds: pulumi.Resource[],
  ): k8s.core.v1.Service {
    const { settings, namespace, priorityClassName, nodeSelector } = args;
    const surroundings: Surroundings = { namespace, priorityClassName, nodeSelector };
    // A backend that comes before the kinds it serves ends, and begins again later and later.
    const shared = { ...args, surroundings, artifacts, certificate, kinds };
    const options = { parent: this };
    return settings.backend === "compact"
      ? new CompactBackend(`${name}-compact`, { ...shared, settings, image: args.compactImage }, options).service
      : new OfficialBackend(`${name}-official`, { ...shared, settings }, options).service;
  }

  private createWebhooks(
    name: string,
    { namespace }: KubeflowArgs,
    certificate: WebhookCertificate,
    service: pulumi.Resource,
  ) {
    return new Webhooks(`${name}-webhooks`, { namespace, certificate }, { parent: this, dependsOn: [service] });
  }
}
