import { compile } from "../../../../pipelines/sdk/compile";
import { component } from "../../../../pipelines/sdk/component";
import { exitHandler, forEach, when } from "../../../../pipelines/sdk/control";
import { pipeline } from "../../../../pipelines/sdk/pipeline";
import {
  classificationMetrics,
  dataset,
  double,
  finalStatus,
  html,
  integer,
  list,
  markdown,
  metrics,
  model,
  string,
} from "../../../../pipelines/sdk/types";

/** A name that would do harm wherever it were read as HTML. */
export const MALICIOUS = `<img src=x onerror="document.title='broken'"><script>document.title='broken'</script>`;

const image = "registry.example/step:1";
/** All that a step is told, in one argument. */
const told = { image, args: ({ executorInput }: { readonly executorInput: string }) => [executorInput] };

const download = component({ name: "download", outputs: { data: dataset() }, command: ["download"], ...told });

const train = component({
  name: "train",
  inputs: { data: dataset(), rank: integer() },
  outputs: { model: model(), metrics: metrics() },
  command: ["train"],
  ...told,
});

const evaluate = component({
  name: "evaluate",
  inputs: { data: dataset(), note: string() },
  outputs: { rmse: double(), metrics: metrics(), classes: classificationMetrics(), report: html(), notes: markdown() },
  command: ["evaluate"],
  ...told,
});

const publish = component({ name: "publish", inputs: { rmse: double() }, command: ["publish"], ...told });
const notify = component({ name: "notify", inputs: { status: finalStatus() }, command: ["notify"], ...told });

/** A loop, a condition that decides on what a step found, and a step that always runs. */
export const training = compile(
  pipeline(
    "training",
    {
      displayName: "Training",
      parameters: {
        threshold: double({ default: 1 }),
        ranks: list({ default: [4, 8, 16] }),
        note: string({ default: "nothing special" }),
      },
    },
    ({ threshold, ranks, note }) => {
      exitHandler(
        (status) => notify({ status }),
        () => {
          const { data } = download().outputs;
          forEach(ranks, { item: integer(), parallelism: 2 }, (rank) => {
            train({ data, rank });
          });
          const { rmse } = evaluate({ data, note }, { cache: "off" }).outputs;
          when(rmse.lessThan(threshold), () => publish({ rmse }));
        },
      );
    },
  ),
);

/** One step whose name is an attack. */
export const malicious = compile(
  pipeline("malicious", { displayName: MALICIOUS, description: MALICIOUS }, () => {
    download({}, { displayName: MALICIOUS, cache: "off" });
  }),
);
