import * as pulumi from "@pulumi/pulumi";
import { iris } from "../../pipelines/iris/pipeline";
import { compile } from "../../pipelines/sdk/compile";
import { imageReference } from "../platform/images";
import type { IrisSettings } from "../settings/recommenders";
import { RecommenderPipeline } from "./recommender-pipeline";
import { warnOfRefusal } from "./refusal";
import { Serving } from "./serving";
import {
  clusterFacts,
  connectionOf,
  needsAModel,
  publicationOf,
  servingFacts,
  type Surroundings,
} from "./surroundings";

export interface IrisArgs extends IrisSettings, Surroundings {}

const RECOMMENDER = "iris";
/** Steps one after the other: fetch, split, train, judge, publish. */
const LONGEST_PATH = 5;

/** The species of an iris by four lengths: a pipeline of component files, and what answers. */
export class Iris extends pulumi.ComponentResource {
  /** Address of the answers, known once the model is loaded. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: IrisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:Iris", name, args, opts);
    const pipeline = this.createPipeline(name, args);
    warnOfRefusal(pipeline);
    this.url = this.createServing(name, args, pipeline).url;
    this.registerOutputs({ url: this.url });
  }

  private createPipeline(name: string, args: IrisArgs) {
    const { platform, data, gate, schedule, timeoutMinutes } = args;
    const graph = iris({
      cluster: clusterFacts(args, platform),
      images: { iris: imageReference(platform.registry, "iris"), models: imageReference(platform.registry, "models") },
      ...(data !== undefined && { data }),
      gate,
      publication: publicationOf(args),
    });
    return new RecommenderPipeline(
      `${name}-pipeline`,
      {
        pipeline: compile(graph),
        connection: connectionOf(args),
        timeoutMinutes: timeoutMinutes * LONGEST_PATH,
        ...(schedule !== undefined && { schedule: { cron: schedule } }),
      },
      { parent: this, dependsOn: [platform] },
    );
  }

  private createServing(name: string, args: IrisArgs, pipeline: RecommenderPipeline) {
    return new Serving(
      `${name}-serving`,
      { ...args.serving, ...servingFacts(args), recommender: RECOMMENDER },
      { parent: this, dependsOn: needsAModel(args.serving) ? [pipeline] : [] },
    );
  }
}
