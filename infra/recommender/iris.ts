import type * as pulumi from "@pulumi/pulumi";
import { iris } from "../../pipelines/iris/pipeline";
import { imageReference } from "../platform/images";
import type { IrisSettings } from "../settings/recommenders";
import { Recommender } from "./recommender";
import { clusterFacts, publicationOf, type Surroundings } from "./surroundings";

export interface IrisArgs extends IrisSettings, Surroundings {}

/** The species of an iris by four lengths: a pipeline of component files, and what answers. */
export class Iris extends Recommender {
  /** Address of the answers, known once the model is loaded. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: IrisArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:Iris", name, args, opts);
    // Fetch, split, train, judge, publish.
    const training = { recommender: "iris", graph: graphOf(args), longestPath: 5 };
    this.url = this.trainAndServe(name, args, training).serving.url;
    this.registerOutputs({ url: this.url });
  }
}

function graphOf(args: IrisArgs) {
  const { data, gate, platform } = args;
  return iris({
    cluster: clusterFacts(args, platform),
    images: { iris: imageReference(platform.registry, "iris"), models: imageReference(platform.registry, "models") },
    ...(data !== undefined && { data }),
    gate,
    publication: publicationOf(args),
  });
}
