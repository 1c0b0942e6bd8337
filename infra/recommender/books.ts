import { basename } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { books } from "../../pipelines/books/pipeline";
import { tagMap } from "../cloud/tags";
import { imageReference } from "../platform/images";
import { placement } from "../platform/pods";
import type { BooksSettings } from "../settings/recommenders";
import { NfsAccess } from "./nfs-access";
import { Recommender } from "./recommender";
import { clusterFacts, publicationOf, type Surroundings } from "./surroundings";

export interface BooksArgs extends BooksSettings, Surroundings {}

/** Books that readers of a book also liked: data, the pipeline that learns and judges, and what answers. */
export class Books extends Recommender {
  /** Address of the answers, known once the model is loaded. */
  readonly url: pulumi.Output<string>;
  /** Version of the pipeline that has run. */
  readonly pipelineVersion: string;
  /** Its run, known once it has succeeded. */
  readonly runId: pulumi.Output<string>;

  constructor(name: string, args: BooksArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:Books", name, args, opts);
    const { origin, objects } = this.createData(name, args);
    const { pipeline, serving } = this.trainAndServe(name, args, {
      recommender: "books",
      graph: graphOf(args, origin),
      // Download, prepare, train, evaluate, judge, publish.
      longestPath: 6,
      dependsOn: objects,
    });
    if (args.nfsAccess) this.createNfsAccess(name, args);
    this.url = serving.url;
    this.pipelineVersion = pipeline.versionName;
    this.runId = pipeline.runId;
    this.registerOutputs({ url: this.url, runId: this.runId });
  }

  /** Where the download step finds the ratings, and what must be there before it. */
  private createData(name: string, { data, project, objectStorage }: BooksArgs) {
    const { file, url, sha256 } = data;
    if (file === undefined) return { origin: url ?? "", objects: [] };
    const key = dataKey({ file, sha256 });
    const object = new scaleway.object.Item(
      `${name}-data`,
      {
        bucket: objectStorage.buckets.data.id,
        projectId: project.projectId,
        region: project.region,
        key,
        file,
        hash: sha256,
        tags: tagMap(),
      },
      { parent: this },
    );
    return { origin: `s3://${project.name}-data/${key}`, objects: [object] };
  }

  private createNfsAccess(name: string, { platform, cpuPool }: BooksArgs) {
    new NfsAccess(
      `${name}-nfs-access`,
      {
        namespace: platform.namespace,
        image: imageReference(platform.registry, "books-fetch"),
        pool: cpuPool,
        claimName: platform.claimName,
        pullSecretName: platform.pullSecretName,
      },
      { parent: this },
    );
  }
}

/** @param origin where the download step finds the ratings */
function graphOf(args: BooksArgs, origin: string) {
  const { platform, data, gpuPool, steps, shrink, neighbours, gate } = args;
  return books({
    cluster: { ...clusterFacts(args, platform), gpu: placement(gpuPool, true) },
    images: {
      fetch: imageReference(platform.registry, "books-fetch"),
      cpu: imageReference(platform.registry, "books-cpu"),
      gpu: imageReference(platform.registry, "books-gpu"),
      models: imageReference(platform.registry, "models"),
    },
    claim: platform.sharedClaim,
    data: { origin, sha256: data.sha256, fname: basename(data.file ?? data.url ?? origin) },
    needs: steps,
    ...{ shrink, neighbours, gate },
    publication: publicationOf(args),
  });
}

/** Key of the ratings in the data bucket: other bytes are another object. */
export function dataKey({ file, sha256 }: { file: string; sha256: string }): string {
  return `books/${sha256}/${basename(file)}`;
}
