import { component } from "../../../../pipelines/sdk/component";
import { exitHandler, forEach, when } from "../../../../pipelines/sdk/control";
import { pipeline } from "../../../../pipelines/sdk/pipeline";
import { dataset, double, finalStatus, integer, list, model, record, string } from "../../../../pipelines/sdk/types";

// The pipelines of reference.py, in our words.
const image = "registry.example/steps:1";

const make = component({
  name: "make",
  inputs: { rows: integer() },
  outputs: { data: dataset() },
  image,
  command: ["make"],
  args: ({ inputs, outputs }) => [outputs.data.path, inputs.rows],
});
const train = component({
  name: "train",
  inputs: { data: dataset() },
  outputs: { rmse: double(), model: model() },
  image,
  command: ["train"],
  args: ({ inputs, outputs }) => [inputs.data.path, outputs.rmse.path, outputs.model.path],
});
const publish = component({
  name: "publish",
  inputs: { model: model() },
  image,
  command: ["publish"],
  args: ({ inputs }) => [inputs.model.path],
});
const say = component({
  name: "say",
  inputs: { text: string() },
  outputs: { said: string() },
  image,
  command: ["say"],
  args: ({ inputs, outputs }) => [inputs.text, outputs.said.path],
});
const collect = component({
  name: "collect",
  inputs: { texts: list() },
  image,
  command: ["collect"],
  args: ({ inputs }) => [inputs.texts],
});
const report = component({
  name: "report",
  inputs: { status: finalStatus(), to: string() },
  image,
  command: ["report"],
  args: ({ inputs }) => [inputs.status, inputs.to],
});

const gate = pipeline("gate", { parameters: { threshold: double({ default: 0.5 }) } }, ({ threshold }) => {
  const { data } = make({ rows: 10 }).outputs;
  const trained = train(
    { data },
    {
      cache: "off",
      retries: { count: 3, backoffSeconds: 30, backoffFactor: 2, maxBackoffSeconds: 600 },
      requests: { cpu: "500m" },
      limits: { memory: "2Gi" },
      gpu: { count: 1 },
    },
  ).outputs;
  when(trained.rmse.lessThan(threshold), () => publish({ model: trained.model }));
});

const loop = pipeline("loop", { parameters: { words: list({ default: ["a", "b"] }) } }, ({ words }) => {
  const { texts } = forEach(words, { item: string(), parallelism: 2 }, (word) => ({
    texts: say({ text: word }).outputs.said,
  })).outputs;
  collect({ texts });
  forEach([{ text: "x" }, { text: "y" }], { item: record({ text: string() }) }, ({ fields }) => say(fields));
});

const watched = pipeline("watched", { parameters: { to: string({ default: "ops" }) } }, ({ to }) => {
  exitHandler(
    (status) => report({ status, to }),
    () => train({ data: make({ rows: 3 }).outputs.data }),
  );
});

const placed = pipeline(
  "placed",
  { parameters: { claim: string({ default: "nfs" }), secret: string({ default: "kaggle" }) } },
  ({ claim, secret }) => {
    make(
      { rows: 1 },
      {
        nodeSelector: { pool: "gpu" },
        tolerations: [
          { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
          { key: "slow", value: "yes", effect: "NoExecute", tolerationSeconds: 30 },
        ],
        volumes: [
          { claim: "data", mountPath: "/mnt/data", subPath: "datasets" },
          { claim, mountPath: "/mnt/nfs" },
        ],
        emptyDirs: [{ name: "shm", mountPath: "/dev/shm", medium: "Memory", sizeLimit: "1Gi" }],
        secretEnv: [{ secret, keys: { KEY: "key" } }],
        secretFiles: [{ secret: "files", mountPath: "/secret", optional: true }],
        configMapEnv: [{ configMap: "settings", keys: { LEVEL: "level" } }],
        configMapFiles: [{ configMap: "rules", mountPath: "/etc/rules" }],
        fieldEnv: { NODE: "spec.nodeName" },
        imagePullPolicy: "Always",
        imagePullSecrets: ["registry"],
        labels: { team: "books" },
        annotations: { note: "kept" },
        timeoutSeconds: 900,
        securityContext: { runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true },
      },
    );
  },
);

export const references = { gate, loop, watched, placed };

/** Names that Kubeflow's SDK chooses → ours; longer ones first. */
export const NAMES: Readonly<Record<keyof typeof references, readonly (readonly [string, string])[]>> = {
  gate: [
    ["pipelinechannel--train-rmse", "pipelinechannel--train--rmse"],
    ["pipelinechannel--train-model", "pipelinechannel--train--model"],
  ],
  loop: [
    ["pipelinechannel--words-loop-item", "pipelinechannel--for-loop-1-item"],
    ["pipelinechannel--loop-item-param-2", "pipelinechannel--for-loop-2-item"],
    ["pipelinechannel--say-said", "texts"],
    ["for-loop-3", "for-loop-2"],
    // It numbers steps over the whole pipeline, we in each graph.
    ["say-2", "say"],
  ],
  watched: [],
  placed: [],
};
