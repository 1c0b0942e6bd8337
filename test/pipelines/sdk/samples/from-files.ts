import { join } from "node:path";
import { loadComponent } from "../../../../pipelines/sdk/component-file";
import { pipeline } from "../../../../pipelines/sdk/pipeline";
import { dataset, integer, string } from "../../../../pipelines/sdk/types";

export const INGEST = join(__dirname, "../component-files/ingest.yaml");
export const INGEST_CONTRACT = {
  inputs: { url: string(), label_column: string({ default: "variety" }), limit: string({ optional: true }) },
  outputs: { data: dataset(), rows: integer() },
};
const SUMMARY = join(__dirname, "../component-files/summary.yaml");

/** Components of both forms, connected. */
export const fromFiles = pipeline("from-files", { parameters: { url: string({ default: "http://x" }) } }, ({ url }) => {
  const ingest = loadComponent(INGEST, INGEST_CONTRACT);
  const summary = loadComponent(SUMMARY, { inputs: { data: dataset() }, outputs: { text: string() } });
  const { text } = summary({ data: ingest({ url }).outputs.data }).outputs;
  return { text };
});
