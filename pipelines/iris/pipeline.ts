import { type Cluster, type Needs, onBucket, onCluster, type Publication, SMALL } from "../components/cluster";
import { gate, publish } from "../components/models";
import { when } from "../sdk/control";
import { pipeline, run } from "../sdk/pipeline";
import type { StepSettings } from "../sdk/settings";
import { double, integer, string } from "../sdk/types";
import { dataIngestion, dataPreprocess, trainEval } from "./components";

/** What is learned from, and where. */
export interface IrisArgs {
  readonly cluster: Cluster;
  /** References of the images, by content. */
  readonly images: { readonly iris: string; readonly models: string };
  /** `Always` for an image whose tag moves. @default "IfNotPresent", since tags are made from content */
  readonly pullPolicy?: StepSettings["imagePullPolicy"];
  readonly data?: Data;
  /** What a model must reach to be served. */
  readonly gate: { readonly floor: number; readonly margin: number };
  readonly publication: Publication;
}

export interface Data {
  readonly url: string;
  readonly sha256: string;
  readonly header: string;
  /** Column of the classes. */
  readonly label: string;
}

/** The published file, as the image of the steps has it: a cluster without a way out learns from it, too. */
export const FLOWERS: Data = {
  url: "file:///app/iris.csv",
  sha256: "9cc1c345c71bcc9b486b74cbf6063fa66f4bb5e0f603a4b3c3471ec2e5e8e355",
  header: "sepal_length,sepal_width,petal_length,petal_width,species",
  label: "species",
};

const RECOMMENDER = "iris";
const TRAINING: Needs = { cpu: "100m", memory: "512Mi" };

/** The species of an iris by four lengths: fetched, split, trained and measured, and served if good enough. */
export const iris = ({
  cluster,
  images,
  publication,
  data = FLOWERS,
  pullPolicy = "IfNotPresent",
  ...args
}: IrisArgs) => {
  const step = (need: Needs) => ({ ...onCluster(cluster, images.iris, need), imagePullPolicy: pullPolicy });
  const outside = onBucket(cluster, images.models);
  const { header } = data;
  const parameters = {
    url: string({ default: data.url }),
    sha256: string({ default: data.sha256, description: "Digest of what url holds; empty: any." }),
    label_colname: string({ default: data.label }),
    number_of_estimators: integer({ default: 2 }),
    floor: double({ default: args.gate.floor, description: "Least accuracy of a model that is served." }),
    margin: double({ default: args.gate.margin, description: "By how much it may be worse than the live model." }),
  };
  return pipeline(
    RECOMMENDER,
    { displayName: "Iris pipeline", description: "The species of an iris by four lengths.", parameters },
    ({ url, sha256, label_colname, number_of_estimators, floor, margin }) => {
      // What an address holds may have changed since the last run.
      const fetching = { ...step(SMALL), cache: { maxStaleness: "P0D" } } as const;
      const fetched = dataIngestion({ url, sha256, header }, fetching);
      const parts = dataPreprocess({ data: fetched.outputs.data, label_colname }, step(TRAINING)).outputs;
      const trained = trainEval({ ...parts, number_of_estimators }, step(TRAINING)).outputs;

      const { model, scores, metrics, training, accuracy } = trained;
      const { models, keepVersions: keep } = publication;
      const store = { recommender: RECOMMENDER, models };
      const verdict = gate({ ...store, scores, floor, margin }, outside).outputs;
      when(verdict.passed.equals(true), () => {
        publish({ ...store, model, scores, metrics, training, run: run.id, keep }, outside);
      });
      return { accuracy };
    },
  );
};
