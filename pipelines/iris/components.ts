import { join } from "node:path";
import { loadComponent } from "../sdk/component-file";
import { dataset, double, integer, metrics, model, string } from "../sdk/types";

const file = (name: string) => join(__dirname, "components", name, "component.yaml");
const parts = { x_train: dataset(), x_test: dataset(), y_train: dataset(), y_test: dataset() };

export const dataIngestion = loadComponent(file("data-ingestion"), {
  inputs: { url: string(), sha256: string({ default: "" }), header: string({ default: "" }) },
  outputs: { data: dataset() },
});

export const dataPreprocess = loadComponent(file("data-preprocess"), {
  inputs: { data: dataset(), label_colname: string({ default: "variety" }) },
  outputs: parts,
});

export const trainEval = loadComponent(file("train-eval"), {
  inputs: { ...parts, number_of_estimators: integer({ default: 2 }) },
  outputs: { metrics: metrics(), model: model(), scores: dataset(), training: dataset(), accuracy: double() },
});
