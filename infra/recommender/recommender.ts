import * as pulumi from "@pulumi/pulumi";
import { compile } from "../../pipelines/sdk/compile";
import type { AnyPipeline } from "../../pipelines/sdk/pipeline";
import { imageReference } from "../platform/images";
import type { ServingSettings } from "../settings/serving";
import { RecommenderPipeline } from "./recommender-pipeline";
import { warnOfRefusal } from "./refusal";
import { Serving } from "./serving";
import { connectionOf, modelsAddress, type Surroundings } from "./surroundings";

export interface RecommenderArgs extends Surroundings {
  /** Pool of the steps without GPU and of what answers. */
  readonly cpuPool: string;
  /** Time for one step in minutes, the start of its node included. */
  readonly timeoutMinutes: number;
  /** Cron expression with seconds by which the pipeline runs again; without it, it runs when it changed. */
  readonly schedule?: string;
  readonly serving: ServingSettings;
}

/** How a recommender is trained. */
export interface Training {
  /** Name of the recommender: of its folder in the models bucket and of its Service. */
  readonly recommender: string;
  readonly graph: AnyPipeline;
  /** Steps that can stand one after the other. */
  readonly longestPath: number;
  /** What must be there before the first step. */
  readonly dependsOn?: readonly pulumi.Resource[];
}

/** A pipeline whose models are served: what all recommenders have in common. */
export abstract class Recommender extends pulumi.ComponentResource {
  /** Makes the pipeline, its run, and what answers with the model that is current; a refusal by the gate is a warning. */
  protected trainAndServe(name: string, args: RecommenderArgs, training: Training) {
    const pipeline = this.createPipeline(name, args, training);
    warnOfRefusal(pipeline);
    return { pipeline, serving: this.createServing(name, args, training, pipeline) };
  }

  private createPipeline(
    name: string,
    args: RecommenderArgs,
    { graph, longestPath, dependsOn = [] }: Training,
  ): RecommenderPipeline {
    const { platform, schedule, timeoutMinutes } = args;
    return new RecommenderPipeline(
      `${name}-pipeline`,
      {
        pipeline: compile(graph),
        connection: connectionOf(args),
        timeoutMinutes: timeoutMinutes * longestPath,
        ...(schedule !== undefined && { schedule: { cron: schedule } }),
      },
      { parent: this, dependsOn: [platform, ...dependsOn] },
    );
  }

  private createServing(
    name: string,
    args: RecommenderArgs,
    { recommender }: Training,
    pipeline: RecommenderPipeline,
  ): Serving {
    const { platform, project, objectStorage, cpuPool, serving } = args;
    return new Serving(
      `${name}-serving`,
      {
        ...serving,
        recommender,
        namespace: platform.namespace,
        image: imageReference(platform.registry, "serving"),
        pool: cpuPool,
        project,
        models: modelsAddress(project),
        modelsBucketId: objectStorage.buckets.models.id,
        storageSecretName: platform.servingStorage.ready,
        storageAccessKey: platform.servingStorage.accessKey,
        pullSecretName: platform.pullSecretName,
        priorityClassName: platform.priorities.serving,
      },
      // A pinned one does not wait for the run, so that going back works even while every run fails.
      { parent: this, dependsOn: serving.modelVersion === undefined ? [pipeline] : [] },
    );
  }
}
