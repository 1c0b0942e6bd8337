import * as pulumi from "@pulumi/pulumi";
import type { RecommendersSettings } from "../settings/recommenders";
import { Books } from "./books";
import { Iris } from "./iris";
import type { Surroundings } from "./surroundings";

export interface RecommendersArgs extends RecommendersSettings, Surroundings {}

/** The recommenders of an environment. */
export class Recommenders extends pulumi.ComponentResource {
  readonly books: Books;
  readonly iris: Iris | undefined;

  constructor(name: string, args: RecommendersArgs, opts?: pulumi.ComponentResourceOptions) {
    const { books, iris, ...surroundings } = args;
    super("recommender:recommender:Recommenders", name, { books, iris }, opts);
    this.books = new Books(`${name}-books`, { ...books, ...surroundings }, { parent: this });
    this.iris = iris && new Iris(`${name}-iris`, { ...iris, ...surroundings }, { parent: this });
    this.registerOutputs({ booksUrl: this.books.url, irisUrl: this.iris?.url });
  }
}
