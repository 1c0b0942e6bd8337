import { join } from "node:path";
import { loadComponent } from "../../../../pipelines/sdk/component-file";
import { component } from "../../../../pipelines/sdk/component";
import { exitHandler, forEach, when } from "../../../../pipelines/sdk/control";
import { pipeline } from "../../../../pipelines/sdk/pipeline";
import type { StepSettings } from "../../../../pipelines/sdk/settings";
import { dataset, finalStatus, integer, list, string } from "../../../../pipelines/sdk/types";
import { count } from "./essay";

const image = "registry.example/shell:1";
const print = component({
  name: "print",
  inputs: { text: string() },
  image,
  command: ["echo"],
  args: ({ inputs }) => [inputs.text],
});
const tell = component({
  name: "tell",
  inputs: { status: finalStatus() },
  image,
  command: ["echo"],
  args: ({ inputs }) => [inputs.status],
});

const modest: StepSettings = {
  requests: { cpu: "100m", memory: "64Mi" },
  limits: { memory: "64Mi" },
  nodeSelector: { "k8s.scaleway.com/pool-name": "cpu" },
  volumes: [{ claim: "nfs", mountPath: "/mnt/nfs" }],
  secretEnv: [{ secret: "kaggle", keys: { KAGGLE_KEY: "key" } }],
  cache: { maxStaleness: "P7D" },
  retries: { count: 3, backoffSeconds: 10 },
  timeoutSeconds: 600,
};

export const essays = pipeline(
  "essays",
  { parameters: { texts: list(), least: integer({ default: 100 }) } },
  ({ texts, least }) => {
    exitHandler(
      (status) => tell({ status }),
      () => {
        forEach(texts, { item: string(), parallelism: 4 }, (text) => {
          const { words } = count({ text }, modest).outputs;
          when(words.atLeast(least), () => print({ text }));
        });
      },
    );
  },
);

const summary = loadComponent(join(__dirname, "../component-files/summary.yaml"), {
  inputs: { data: dataset() },
  outputs: { text: string() },
});

export { summary };
