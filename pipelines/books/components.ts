import { component } from "../sdk/component";
import { boolean, dataset, double, integer, markdown, metrics, model, string } from "../sdk/types";

/** The programs of the steps; images and places are settings of the pipeline. */
const PYTHON = ["/opt/venv/bin/python", "-m", "books"];

export const downloadDataset = component({
  name: "download-dataset",
  description: "Ratings from one of several places, verified by their digest, unpacked on the shared volume.",
  inputs: {
    fname: string({ default: "BX-CSV-Dump.zip" }),
    origin: string({ description: "s3://<bucket>/<key>, https://… or file://…" }),
    sha256: string({ description: "Digest of the right bytes." }),
    extract: boolean({ default: true }),
    cachedir: string({ default: "/mnt/nfs/data" }),
    cachesubdir: string({ default: "datasets" }),
  },
  outputs: { directory: string({ description: "The folder of these data; one for each digest." }) },
  command: ["/usr/bin/node", "--enable-source-maps", "/app/download.js"],
  args: ({ inputs, executorInput }) => [
    ...["--source", inputs.origin, "--sha256", inputs.sha256, "--fname", inputs.fname, "--extract", inputs.extract],
    ...["--cachedir", inputs.cachedir, "--cachesubdir", inputs.cachesubdir, "--folder-per-checksum"],
    ...["--executor-input", executorInput],
  ],
});

export const prepareDataset = component({
  name: "prepare-dataset",
  description: "Ratings above 5 of books with more than two of them, as a sparse matrix of books × users.",
  inputs: { datadir: string() },
  outputs: { path: string({ description: "The matrix." }) },
  command: [...PYTHON, "prepare"],
  args: ({ inputs, executorInput }) => ["--datadir", inputs.datadir, "--executor-input", executorInput],
});

const training = (name: string, engine: string, description: string) =>
  component({
    name,
    description,
    inputs: {
      picklefile: string({ description: "The matrix; the name is the published one, the file runs no code." }),
      task: string({ default: name, description: "Name of the report and of the file on the shared volume." }),
      shrink: double({ default: 100, description: "sim = dot / (|a||b| + shrink)" }),
      neighbours: integer({ default: 200, description: "Neighbours that score a user's items." }),
    },
    outputs: {
      path: string({ description: "The model on the shared volume." }),
      model: model(),
      report: metrics({ description: "Times of the queries, where they ran, sizes." }),
    },
    command: [...PYTHON, "neighbours", "--engine", engine],
    args: ({ inputs, executorInput }) => [
      ...["--matrix", inputs.picklefile, "--task", inputs.task],
      ...["--shrink", inputs.shrink, "--neighbours", inputs.neighbours, "--executor-input", executorInput],
    ],
  });

export const recommenderScikit = training(
  "recommender-scikit",
  "scikit",
  "The ten nearest neighbours of every book by scikit-learn, and the time of three queries.",
);

export const recommenderPytorch = training(
  "recommender-pytorch",
  "torch",
  "The same by PyTorch on a GPU, synchronised before each reading of the clock.",
);

export const evaluate = component({
  name: "evaluate",
  description: "What the model is worth on ratings held out, and the times of the trainings side by side.",
  inputs: {
    picklefile: string(),
    model: model(),
    scikit: metrics(),
    pytorch: metrics(),
    scikit_gpu_node: metrics(),
    gate_split: string({ default: "dev" }),
    splits: string({ default: "a", description: "Splits that only report, with commas between." }),
  },
  outputs: {
    recall10: double(),
    popularity_recall10: double({ description: "The line to beat: best sellers." }),
    metrics: metrics(),
    scores: dataset({ description: "A value per user, of the model and of the best sellers." }),
    timings: markdown({ description: "Rows: queries; columns: trainings." }),
    training: dataset({ description: "Reports of the steps, for the serving." }),
  },
  command: [...PYTHON, "judge"],
  args: ({ inputs, executorInput }) => [
    ...["--matrix", inputs.picklefile, "--model", inputs.model.path],
    ...["--report", inputs.scikit.path, "--report", inputs.pytorch.path, "--report", inputs.scikit_gpu_node.path],
    ...["--gate-split", inputs.gate_split, "--splits", inputs.splits, "--executor-input", executorInput],
  ],
});
