import {
  type Cluster,
  type Needs,
  onBucket,
  onCluster,
  type Placement,
  type Publication,
  withObjectStorage,
} from "../components/cluster";
import { gate, publish } from "../components/models";
import { when } from "../sdk/control";
import { pipeline, run } from "../sdk/pipeline";
import { double, integer } from "../sdk/types";
import { downloadDataset, evaluate, prepareDataset, recommenderPytorch, recommenderScikit } from "./components";

/** What is learned from, how, and where. */
export interface BooksArgs {
  readonly cluster: Cluster & { readonly gpu: Placement };
  /** References of the images, by content. */
  readonly images: { readonly fetch: string; readonly cpu: string; readonly gpu: string; readonly models: string };
  /** Claim of the shared volume, which every step of the training mounts. */
  readonly claim: string;
  readonly data: { readonly origin: string; readonly sha256: string; readonly fname: string };
  readonly needs: { readonly download: Needs; readonly prepare: Needs; readonly training: Needs };
  readonly shrink: number;
  readonly neighbours: number;
  /** What a model must reach to be served. */
  readonly gate: { readonly floor: number; readonly margin: number };
  readonly publication: Publication;
}

const RECOMMENDER = "books";
const SHARED_MOUNT = "/mnt/nfs";

/** Books that readers of a book also liked: the five steps as published, then judged, and served if good enough. */
export const books = ({ cluster, images, claim, data, needs, publication, ...args }: BooksArgs) => {
  const volumes = [{ claim, mountPath: SHARED_MOUNT }];
  const step = (image: string, need: Needs, place?: Placement) => ({
    ...onCluster(cluster, image, need, place),
    volumes,
  });
  const outside = onBucket(cluster, images.models);
  const onGpuNode = (image: string) => ({ ...step(image, needs.training, cluster.gpu), gpu: { count: 1 } });

  const parameters = {
    shrink: double({ default: args.shrink }),
    neighbours: integer({ default: args.neighbours }),
    floor: double({ default: args.gate.floor, description: "Least user recall @10 of a model that is served." }),
    margin: double({ default: args.gate.margin, description: "By how much it may be worse than the live model." }),
  };
  return pipeline(
    RECOMMENDER,
    { displayName: "Book Recommendation Engine", description: "Readers of a book also liked ten others.", parameters },
    ({ shrink, neighbours, floor, margin }) => {
      const { origin, sha256, fname } = data;
      const downloading = { ...step(images.fetch, needs.download), ...withObjectStorage(cluster) };
      const { directory: datadir } = downloadDataset({ origin, sha256, fname }, downloading).outputs;
      const { path: picklefile } = prepareDataset({ datadir }, step(images.cpu, needs.prepare)).outputs;

      const given = { picklefile, shrink, neighbours };
      const scikit = recommenderScikit(given, step(images.cpu, needs.training)).outputs;
      const pytorch = recommenderPytorch(given, onGpuNode(images.gpu)).outputs;
      // No GPU is used: it takes a GPU node to show that node's CPU beside the other's.
      const name = "recommender-scikit-gpu-node";
      const nodeCpu = recommenderScikit({ ...given, task: name }, { name, ...onGpuNode(images.cpu) }).outputs;

      const reports = { scikit: scikit.report, pytorch: pytorch.report, scikit_gpu_node: nodeCpu.report };
      const { model } = scikit;
      const quality = evaluate({ picklefile, model, ...reports }, step(images.cpu, needs.training)).outputs;
      const { scores, metrics, training, recall10 } = quality;
      const { models, keepVersions: keep } = publication;
      const store = { recommender: RECOMMENDER, models };
      const verdict = gate({ ...store, scores, floor, margin }, outside).outputs;
      when(verdict.passed.equals(true), () => {
        publish({ ...store, model, scores, metrics, training, run: run.id, keep }, outside);
      });
      return { recall10 };
    },
  );
};
