import { component } from "../../sdk/component";
import { boolean, dataset, double, integer, metrics, model, string } from "../../sdk/types";

const PROGRAM = ["/usr/bin/node", "--enable-source-maps", "/app/models.js"];

const store = {
  recommender: string({ description: "Folder of its models in the bucket." }),
  models: string({ description: "Bucket of the models, as s3://<bucket>." }),
};

/** Compares a new model with the plain line and with the live model; it reads the bucket, so it is never cached. */
export const gate = component({
  name: "gate",
  description: "Whether a model may be served: better than the plain line, and not worse than the live model.",
  inputs: {
    ...store,
    scores: dataset({ description: "Values of the evaluation, one a user." }),
    floor: double({ default: 0 }),
    margin: double({ default: 0.004 }),
  },
  outputs: { passed: boolean(), figure: double(), verdict: metrics({ description: "Figures, intervals, reasons." }) },
  command: [...PROGRAM, "gate"],
  args: ({ inputs, executorInput }) => [
    ...["--recommender", inputs.recommender, "--models", inputs.models, "--scores", inputs.scores.path],
    ...["--floor", inputs.floor, "--margin", inputs.margin, "--executor-input", executorInput],
  ],
});

/** Stores a model under the version of its content and makes it current. */
export const publish = component({
  name: "publish",
  description: "Stores a model in the bucket and makes it the one that is served.",
  inputs: {
    ...store,
    model: model(),
    scores: dataset({ description: "What the next model is compared with." }),
    metrics: metrics(),
    training: dataset({ description: "Reports of the steps." }),
    run: string({ description: "Run of the pipeline." }),
    keep: integer({ default: 5 }),
    pinned: string({ default: "" }),
  },
  outputs: { version: string() },
  command: [...PROGRAM, "publish"],
  args: ({ inputs, executorInput }) => [
    ...["--recommender", inputs.recommender, "--models", inputs.models, "--run", inputs.run],
    ...["--model", inputs.model.path, "--scores", inputs.scores.path, "--metrics", inputs.metrics.path],
    ...["--training", inputs.training.path, "--keep", inputs.keep, "--pinned", inputs.pinned],
    ...["--executor-input", executorInput],
  ],
});
