import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { OfficialSettings } from "../../settings/kubeflow";
import type { Project } from "../../settings/project";
import { KUBEFLOW_PIPELINES } from "../../versions";
import { ApiServer } from "./api-server";
import type { ArtifactStorage, ArtifactStore } from "./artifact-store";
import { customResourceDefinition } from "./custom-resource-definition";
import { Database, type DatabaseAddress } from "./database";
import { SCHEDULE_DEFINITION } from "./definitions";
import { needsMetadataStore, officialImages } from "./images";
import { ManagedDatabase } from "./managed-database";
import { MetadataProxy } from "./metadata-proxy";
import { MetadataStore } from "./metadata-store";
import { Pages } from "./pages";
import { PersistenceAgent } from "./persistence-agent";
import { Scheduler } from "./scheduler";
import { Steps } from "./steps";
import type { Surroundings } from "./surroundings";
import type { WebhookCertificate } from "./webhook-certificate";
import { WorkflowController } from "./workflow-controller";

export interface OfficialBackendArgs {
  readonly settings: OfficialSettings;
  readonly surroundings: Surroundings;
  readonly storage: ArtifactStorage;
  readonly artifacts: ArtifactStore;
  readonly certificate: WebhookCertificate;
  readonly pullSecretName: pulumi.Input<string>;
  readonly stepPriorityClassName: pulumi.Input<string>;
  readonly project: Project;
  /** Network of the nodes, for a managed database. */
  readonly privateNetworkId: pulumi.Input<string>;
  /** Kinds that must be there before the API server. */
  readonly kinds: readonly pulumi.Resource[];
  /** Release that is installed: parts that later ones do without are left out. */
  readonly release?: string;
}

/** Kubeflow Pipelines from its official images, for one namespace and without users of its own. */
export class OfficialBackend extends pulumi.ComponentResource {
  /** What answers, made once it does. */
  readonly server: k8s.apps.v1.Deployment;

  constructor(name: string, args: OfficialBackendArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:OfficialBackend", name, args, opts);
    const { settings, release = KUBEFLOW_PIPELINES } = args;
    const schedules = customResourceDefinition(`${name}-schedules`, SCHEDULE_DEFINITION, { parent: this });
    this.createSteps(name, args);
    const workflows = this.createWorkflowController(name, args);
    const database = this.createDatabase(name, args);
    const metadata = needsMetadataStore(release) ? this.createMetadataStore(name, args, database) : undefined;
    const before = [...args.kinds, ...database.ready, schedules, workflows, ...(metadata ? [metadata.service] : [])];
    this.server = this.createApiServer(name, args, database, before).server;
    this.createPersistenceAgent(name, args);
    if (settings.recurringRuns) this.createScheduler(name, args);
    if (settings.ui) this.createPages(name, args, metadata);
    this.registerOutputs({ server: this.server.metadata.name });
  }

  private createSteps(
    name: string,
    { surroundings: { namespace }, storage, artifacts, pullSecretName }: OfficialBackendArgs,
  ) {
    return new Steps(`${name}-steps`, { namespace, storage, artifacts, pullSecretName }, { parent: this });
  }

  private createWorkflowController(name: string, args: OfficialBackendArgs) {
    const { settings, surroundings, storage, artifacts, stepPriorityClassName } = args;
    const images = officialImages(settings.mirror);
    return new WorkflowController(
      `${name}-workflows`,
      { surroundings, images, resources: settings.workflowController, storage, artifacts, stepPriorityClassName },
      { parent: this },
    );
  }

  private createDatabase(name: string, args: OfficialBackendArgs): DatabaseAddress {
    const { settings, surroundings, project, privateNetworkId } = args;
    const { database } = settings;
    if (database.kind === "cluster") {
      const image = officialImages(settings.mirror).database;
      return new Database(`${name}-database`, { ...database, surroundings, image }, { parent: this });
    }
    const { namespace } = surroundings;
    return new ManagedDatabase(
      `${name}-database`,
      { ...database, namespace, project, privateNetworkId },
      { parent: this },
    );
  }

  private createMetadataStore(name: string, args: OfficialBackendArgs, database: DatabaseAddress) {
    const { settings, surroundings } = args;
    return new MetadataStore(
      `${name}-metadata`,
      {
        surroundings,
        image: officialImages(settings.mirror).metadataStore,
        resources: settings.metadataStore,
        database,
      },
      { parent: this, dependsOn: [...database.ready] },
    );
  }

  private createApiServer(
    name: string,
    args: OfficialBackendArgs,
    database: DatabaseAddress,
    dependsOn: pulumi.Resource[],
  ) {
    const { settings, surroundings, storage, artifacts, certificate } = args;
    const { apiServer: resources, timeZone } = settings;
    const images = officialImages(settings.mirror);
    return new ApiServer(
      `${name}-api`,
      { surroundings, images, resources, timeZone, database, storage, artifacts, certificate },
      { parent: this, dependsOn },
    );
  }

  private createPersistenceAgent(name: string, { settings, surroundings }: OfficialBackendArgs) {
    const { persistenceAgent: resources, keepFinishedHours } = settings;
    const image = officialImages(settings.mirror).persistenceAgent;
    new PersistenceAgent(
      `${name}-persistence`,
      { surroundings, image, resources, keepFinishedHours },
      // It gives up where nobody answers for two minutes.
      { parent: this, dependsOn: [this.server] },
    );
  }

  private createScheduler(name: string, { settings, surroundings }: OfficialBackendArgs) {
    const { scheduler: resources, timeZone } = settings;
    const image = officialImages(settings.mirror).scheduler;
    new Scheduler(
      `${name}-scheduler`,
      { surroundings, image, resources, timeZone },
      { parent: this, dependsOn: [this.server] },
    );
  }

  private createPages(name: string, args: OfficialBackendArgs, metadata: MetadataStore | undefined) {
    const { settings, surroundings, storage, artifacts } = args;
    const images = officialImages(settings.mirror);
    const metadataService =
      metadata &&
      new MetadataProxy(
        `${name}-metadata-proxy`,
        { surroundings, image: images.metadataProxy },
        { parent: this, dependsOn: [metadata.service] },
      ).serviceName;
    new Pages(
      `${name}-pages`,
      { surroundings, image: images.pages, resources: settings.pages, storage, artifacts, metadataService },
      { parent: this, dependsOn: [this.server] },
    );
  }
}
