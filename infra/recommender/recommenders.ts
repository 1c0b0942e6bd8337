import * as pulumi from "@pulumi/pulumi";
import type { ObjectStorage } from "../cloud/foundation";
import type { Platform } from "../platform/platform";
import type { Project } from "../settings/project";
import type { BooksSettings } from "../settings/recommenders";
import { Books } from "./books";

export interface RecommendersArgs {
  readonly books: BooksSettings;
  readonly project: Project;
  readonly platform: Platform;
  readonly objectStorage: ObjectStorage;
}

/** The recommenders of an environment. */
export class Recommenders extends pulumi.ComponentResource {
  /** Address of books, known once its model is loaded. */
  readonly booksUrl: pulumi.Output<string>;
  /** Names of the Jobs of books by task. */
  readonly booksJobs: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: RecommendersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:Recommenders", name, args, opts);
    const { books, project, platform, objectStorage } = args;
    const made = new Books(`${name}-books`, { ...books, project, platform, objectStorage }, { parent: this });
    this.booksUrl = made.url;
    this.booksJobs = made.jobs;
    this.registerOutputs({ booksUrl: this.booksUrl, booksJobs: this.booksJobs });
  }
}
