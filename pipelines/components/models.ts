import { join } from "node:path";
import { loadComponent } from "../sdk/component-file";
import { boolean, dataset, double, integer, metrics, model, string } from "../sdk/types";

const file = (name: string) => join(__dirname, name, "component.yaml");

/** Compares a new model with the plain line and with the live model; it reads the bucket, so it is never cached. */
export const gate = loadComponent(file("gate"), {
  inputs: {
    recommender: string(),
    models: string(),
    scores: dataset(),
    floor: double({ default: 0 }),
    margin: double({ default: 0.004 }),
  },
  outputs: { passed: boolean(), figure: double(), verdict: metrics() },
});

/** Stores a model under the version of its content and makes it current; it writes to the bucket, so it is never cached. */
export const publish = loadComponent(file("publish"), {
  inputs: {
    recommender: string(),
    models: string(),
    model: model(),
    scores: dataset(),
    metrics: metrics(),
    training: dataset(),
    run: string(),
    keep: integer({ default: 5 }),
  },
  outputs: { version: string() },
});
