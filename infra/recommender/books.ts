import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { imageTag } from "../../images/tags";
import type { ObjectStorage } from "../cloud/foundation";
import { tagMap } from "../cloud/tags";
import { imageReference } from "../platform/images";
import { labels } from "../platform/labels";
import type { Platform } from "../platform/platform";
import type { Project } from "../settings/project";
import type { BooksSettings } from "../settings/recommenders";
import {
  booksTasks,
  DATA_DIRECTORY,
  dataKey,
  digests,
  SERVED_TASK,
  type BooksTask,
  type TaskPlan,
} from "./books-tasks";
import { NfsAccess } from "./nfs-access";
import { Serving } from "./serving";
import { Step } from "./step";

export interface BooksArgs extends BooksSettings {
  readonly project: Project;
  readonly platform: Platform;
  readonly objectStorage: ObjectStorage;
}

const RECOMMENDER = "books";

/** Books that readers of a book also liked: data, five steps of training, and what answers. */
export class Books extends pulumi.ComponentResource {
  /** Address of the answers, known once the model is loaded. */
  readonly url: pulumi.Output<string>;
  /** Names of the Jobs by task, each known once it has succeeded. */
  readonly jobs: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: BooksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:Books", name, args, opts);
    const { source, objects } = this.createData(name, args);
    this.createDownloadAccess(name, args);
    const steps = this.createSteps(name, args, booksTasks(args, source), objects);
    const served = steps.get(SERVED_TASK);
    const serving = this.createServing(name, args, served ? [served] : []);
    if (args.nfsAccess) this.createNfsAccess(name, args);
    this.url = serving.url;
    this.jobs = Object.fromEntries([...steps].map(([task, step]) => [task, step.jobName]));
    this.registerOutputs({ url: this.url, jobs: this.jobs });
  }

  /** Where the download step finds the ratings, and what must be there before it. */
  private createData(name: string, { data, project, objectStorage }: BooksArgs) {
    const { file, url, sha256 } = data;
    if (file === undefined) return { source: url ?? "", objects: [] };
    const key = dataKey({ file, sha256 });
    const object = new scaleway.object.Item(
      `${name}-data`,
      {
        bucket: objectStorage.dataBucket.id,
        projectId: project.projectId,
        region: project.region,
        key,
        file,
        hash: sha256,
        tags: tagMap(),
      },
      { parent: this },
    );
    return { source: `s3://${project.name}-data/${key}`, objects: [object] };
  }

  private createDownloadAccess(name: string, { platform }: BooksArgs) {
    new k8s.networking.v1.NetworkPolicy(
      `${name}-download-access`,
      {
        metadata: { namespace: platform.namespace },
        spec: {
          podSelector: { matchLabels: labels(RECOMMENDER, "download-dataset") },
          policyTypes: ["Egress"],
          // Object storage and mirrors have many addresses; the port is what can be told.
          egress: [{ ports: [{ protocol: "TCP", port: 443 }] }],
        },
      },
      { parent: this },
    );
  }

  private createSteps(name: string, args: BooksArgs, plans: TaskPlan[], objects: pulumi.Resource[]) {
    const digestOf = digests(plans, imageTag);
    const steps = new Map<BooksTask, Step>();
    for (const plan of plans) {
      // Files on the shared volume are no values that Pulumi sees: the order of the steps is told here.
      const before = plan.needs.flatMap((task) => steps.get(task) ?? []);
      const jobName = `${RECOMMENDER}-${plan.task}-${digestOf.get(plan.task)}`;
      steps.set(plan.task, this.createStep(name, args, plan, jobName, [...objects, ...before]));
    }
    return steps;
  }

  private createStep(name: string, args: BooksArgs, plan: TaskPlan, jobName: string, dependsOn: pulumi.Resource[]) {
    const { platform, timeoutMinutes } = args;
    const { task, pool, gpus, resources, reachesOut } = plan;
    return new Step(
      `${name}-${task}`,
      {
        ...{ jobName, recommender: RECOMMENDER, task, args: plan.args, pool, gpus, resources, timeoutMinutes },
        namespace: platform.namespace,
        image: imageReference(platform.registry.endpoint, plan.image),
        claimName: platform.claimName,
        pullSecretName: platform.pullSecretName,
        priorityClassName: platform.priorities.training,
        environmentSecretName: reachesOut ? platform.objectStorageSecretName : undefined,
      },
      { parent: this, dependsOn },
    );
  }

  private createServing(name: string, args: BooksArgs, dependsOn: pulumi.Resource[]) {
    const { platform, serving, cpuPool } = args;
    return new Serving(
      `${name}-serving`,
      {
        ...serving,
        namespace: platform.namespace,
        recommender: RECOMMENDER,
        image: imageReference(platform.registry.endpoint, "serving"),
        pool: cpuPool,
        modelFile: `${DATA_DIRECTORY}/models/${SERVED_TASK}.safetensors`,
        reportsDirectory: `${DATA_DIRECTORY}/reports`,
        claimName: platform.claimName,
        pullSecretName: platform.pullSecretName,
        priorityClassName: platform.priorities.serving,
      },
      { parent: this, dependsOn },
    );
  }

  private createNfsAccess(name: string, { platform, cpuPool }: BooksArgs) {
    new NfsAccess(
      `${name}-nfs-access`,
      {
        namespace: platform.namespace,
        image: imageReference(platform.registry.endpoint, "books-fetch"),
        pool: cpuPool,
        claimName: platform.claimName,
        pullSecretName: platform.pullSecretName,
      },
      { parent: this },
    );
  }
}
