import assert from "node:assert/strict";
import { component } from "../../../pipelines/sdk/component";
import { exitHandler, forEach, when } from "../../../pipelines/sdk/control";
import { compile } from "../../../pipelines/sdk/compile";
import { PipelineError } from "../../../pipelines/sdk/errors";
import { type AnyPipeline, pipeline, run } from "../../../pipelines/sdk/pipeline";
import type { StepSettings } from "../../../pipelines/sdk/settings";
import type { Step } from "../../../pipelines/sdk/step";
import { boolean, dataset, double, integer, list, string } from "../../../pipelines/sdk/types";
import type { ValueOf } from "../../../pipelines/sdk/values";
import { keep, make, report, say, score, train } from "./samples/words";

const forgetful = component({
  name: "forgetful",
  outputs: { text: string() },
  image: "registry.example/x:1",
  command: ["true"],
});
const settings = (given: StepSettings) => pipeline("faulty", () => say({ text: "x" }, given));
const long = "a".repeat(64);

/** What a program in JavaScript, or one that casts, could do. */
const anything = (value: unknown) => value as never;

describe("Pipelines that cannot run", () => {
  const faults: Readonly<Record<string, readonly [() => AnyPipeline, string]>> = {
    "steps that wait for one another": [
      () =>
        pipeline("faulty", () => {
          const first = say({ text: "x" }, { name: "first" });
          const second = say({ text: first.outputs.said }, { name: "second" });
          first.after(second);
        }),
      'Pipeline "faulty", step "first": steps wait for one another: first → second → first. Take out one of these edges.',
    ],
    "a step that waits for the branch it stands in": [
      () =>
        pipeline("faulty", { parameters: { go: boolean() } }, ({ go }) => {
          const steps: Step[] = [];
          const branch = when(go.equals(true), () => void steps.push(say({ text: "x" })));
          for (const step of steps) step.after(branch);
        }),
      'Pipeline "faulty", step "condition-1": steps wait for one another: condition-1 → condition-1.',
    ],
    "a fact of the run that decides": [
      () => pipeline("faulty", () => when(run.taskName.equals("x"), () => say({ text: "x" }))),
      'Pipeline "faulty", step "condition-1", condition: facts of the run can only be given to an input of a step. Take them through one.',
    ],
    "an input that is missing": [
      () => pipeline("faulty", () => say(anything({}))),
      'Pipeline "faulty", step "say", input "text": it is missing. Give it a value or the output of a step.',
    ],
    "an artifact that is missing": [
      () => pipeline("faulty", () => keep(anything({}))),
      'Pipeline "faulty", step "keep", input "thing": it is missing. Give it the output of a step.',
    ],
    "an input that there is not": [
      () => pipeline("faulty", () => say(anything({ text: "x", volume: 11 }))),
      'Pipeline "faulty", step "say", input "volume": there is no such input. It has text.',
    ],
    "an optional parameter where a value is needed": [
      () => pipeline("faulty", { parameters: { text: string({ optional: true }) } }, ({ text }) => say({ text })),
      'Pipeline "faulty", step "say", input "text": it needs a value, and parameter "text" may have none. Give the parameter a default.',
    ],
    "an optional parameter that decides": [
      () =>
        pipeline("faulty", { parameters: { go: boolean({ optional: true }) } }, ({ go }) =>
          when(go.equals(true), () => say({ text: "x" })),
        ),
      'Pipeline "faulty", step "condition-1", condition: it needs a value, and parameter "go" may have none.',
    ],
    "two steps of one name": [
      () => pipeline("faulty", () => [say({ text: "x" }, { name: "twin" }), say({ text: "y" }, { name: "twin" })]),
      'Pipeline "faulty", step "twin": two steps of one graph have this name. Give one of them another in its settings.',
    ],
    "a parameter and an artifact of one name": [
      () => pipeline("faulty", { parameters: { data: string() }, artifacts: { data: dataset() } }, () => undefined),
      'Pipeline "faulty", input "data": a parameter and an artifact have this name. Rename one of them.',
    ],
    "an output that its step never writes": [
      () => pipeline("faulty", () => say({ text: forgetful().outputs.text })),
      'Pipeline "faulty", step "say", input "text": step "forgetful" declares output "text" and never writes it. Mention outputs.text.path or executorInput in its command or args.',
    ],
    "such an output as the pipeline's": [
      () => pipeline("faulty", () => ({ text: forgetful().outputs.text })),
      'Pipeline "faulty", output "text": step "forgetful" declares output "text" and never writes it.',
    ],
    "a constant of another type": [
      () => pipeline("faulty", () => make({ rows: 1.5 })),
      'Pipeline "faulty", step "make", input "rows": 1.5 is not a whole number. Give a whole number.',
    ],
    "a constant of another type in a condition": [
      () =>
        pipeline("faulty", { parameters: { rows: integer() } }, ({ rows }) =>
          when(rows.atLeast(0.5), () => say({ text: "x" })),
        ),
      'Pipeline "faulty", step "condition-1", condition: 0.5 is not a whole number.',
    ],
    "a value that is none of those allowed": [
      () =>
        pipeline("faulty", () => {
          const inputs = { engine: string({ literals: ["scikit", "torch"] }) };
          component({ name: "fit", inputs, image: "x", command: ["x"] })({ engine: "spark" });
        }),
      'Pipeline "faulty", step "fit", input "engine": "spark" is none of "scikit", "torch". Give one of them.',
    ],
    "an output of another type": [
      () => pipeline("faulty", () => make({ rows: anything(say({ text: "3" }).outputs.said) })),
      'Pipeline "faulty", step "make", input "rows": it takes NUMBER_INTEGER and is given STRING (output "said" of step "say"). Connect one of its type.',
    ],
    "an artifact of another type": [
      () =>
        pipeline("faulty", () => {
          const { model } = train({ data: make({ rows: 1 }).outputs.data }).outputs;
          train({ data: anything(model) }, { name: "again" });
        }),
      'Pipeline "faulty", step "again", input "data": it takes system.Dataset and is given system.Model (output "model" of step "train").',
    ],
    "a step's name that is too long": [
      () => settings({ name: long }),
      `Pipeline "faulty", step "${long}": "${long}" has 64 characters. Shorten it to 63: it becomes a label.`,
    ],
    "a component's name that is none": [
      () =>
        pipeline("faulty", () => component({ name: "My Step", image: "x", command: ["x"] })({}, { name: "my-step" })),
      'Pipeline "faulty", step "my-step", name of its component: "My Step" cannot name a step.',
    ],
    "a pipeline's name that is too long": [
      () => pipeline("a".repeat(129), () => say({ text: "x" })),
      `Pipeline "${"a".repeat(129)}": its name has 129 characters. Shorten it to 128.`,
    ],
    "a pipeline's name that is none": [
      () => pipeline("books-", () => say({ text: "x" })),
      'Pipeline "books-": its name must have lower-case letters, digits and `-` between them only. Rename it.',
    ],
    "an output's name that is none": [
      () => pipeline("faulty", () => ({ "the-text": say({ text: "x" }).outputs.said })),
      'Pipeline "faulty", output "the-text": its name must have letters, digits and `_` only.',
    ],
    "no step": [
      () => pipeline("faulty", () => undefined),
      'Pipeline "faulty": it has no step. Call a component in its body.',
    ],
    "what a branch keeps to itself": [
      () =>
        pipeline("faulty", { parameters: { go: boolean() } }, ({ go }) => {
          const made: ValueOf<"STRING">[] = [];
          when(go.equals(true), () => void made.push(say({ text: "x" }).outputs.said));
          for (const text of made) say({ text }, { name: "outside" });
        }),
      'Pipeline "faulty", step "outside", input "text": output "said" of step "say" exists only inside its branch or loop. Return it from that body',
    ],
    "another pipeline's value": [
      () => {
        let text: ValueOf<"STRING"> | undefined;
        pipeline("other", () => (text = say({ text: "x" }).outputs.said));
        return pipeline("faulty", () => say({ text: anything(text) }));
      },
      'Pipeline "faulty", step "say", input "text": output "said" of step "say" belongs to pipeline "other".',
    ],
    "a step after the one that comes last": [
      () =>
        pipeline("faulty", () => {
          const last: Step[] = [];
          exitHandler(
            (status) => last.push(report({ status, to: "ops" })),
            () => say({ text: "x" }),
          );
          say({ text: "y" }, { name: "later" }).after(...last);
        }),
      'Pipeline "faulty", step "later", after: it follows "report", which runs at the very end, after an exit handler.',
    ],
    "an exit that waits for what may not have run": [
      () =>
        pipeline("faulty", () => {
          const { said } = say({ text: "x" }).outputs;
          exitHandler(
            (status) => report({ status, to: said }),
            () => say({ text: "y" }),
          );
        }),
      'Pipeline "faulty", step "report": it waits for "say", which may not have run.',
    ],
    "an exit of several steps": [
      () =>
        pipeline("faulty", () =>
          exitHandler(
            () => [say({ text: "a" }), say({ text: "b" })],
            () => say({ text: "y" }),
          ),
        ),
      'Pipeline "faulty", step "exit-handler-1": its exit makes 2 steps. It must make one, of a component.',
    ],
    "an exit handler inside a loop": [
      () =>
        pipeline("faulty", () =>
          forEach([1], { item: integer() }, () =>
            exitHandler(
              (status) => report({ status, to: "ops" }),
              () => say({ text: "y" }),
            ),
          ),
        ),
      'Pipeline "faulty": an exit handler stands inside a branch, a loop or another one.',
    ],
    "a loop over nothing": [
      () => pipeline("faulty", () => forEach([], { item: integer() }, (rank) => score({ rank }))),
      'Pipeline "faulty", step "for-loop-1", items: there are none. Give one at least.',
    ],
    "a loop of no rounds": [
      () =>
        pipeline("faulty", { parameters: { ranks: list() } }, ({ ranks }) =>
          forEach(ranks, { item: integer(), parallelism: 0 }, (rank) => score({ rank })),
        ),
      'Pipeline "faulty", step "for-loop-1", parallelism: 0 is no number of rounds. Give a whole number from 1',
    ],
    "artifacts that a run cannot hand in": [
      () => pipeline("faulty", { artifacts: { data: dataset() } }, ({ data }) => train({ data })),
      'Pipeline "faulty", artifact "data": a run cannot hand in artifacts.',
    ],
    "a body that is asynchronous": [
      () => pipeline("faulty", async () => Promise.resolve(say({ text: "x" }))),
      'Pipeline "faulty": its body is asynchronous. Load components before the pipeline is written, not inside it.',
    ],
    "a pipeline that the cluster cannot hold": [
      () => pipeline("faulty", () => say({ text: "x".repeat(1_500_000) })),
      "bytes, and the cluster takes 1400000 at most. Split it, or loop with forEach.",
    ],
  };
  for (const [name, [write, expected]] of Object.entries(faults)) {
    it(`are refused with place and remedy: ${name}`, () => {
      assert.throws(
        () => compile(write()),
        (error) => {
          assert.ok(error instanceof PipelineError, String(error));
          assert.ok(error.message.includes(expected), error.message);
          return true;
        },
      );
    });
  }

  const wrong: readonly (readonly [StepSettings, string])[] = [
    [{ image: "" }, "image: it has none. Set it on the component or on the step."],
    [{ requests: { cpu: "half" } }, 'resourceCpuRequest: "half" is no quantity. Give one of Kubernetes'],
    [{ limits: { memory: "2GB" } }, 'resourceMemoryLimit: "2GB" is no quantity.'],
    [
      { requests: { memory: "2Gi" }, limits: { memory: "1500M" } },
      'resourceMemoryRequest: "2Gi" is more than the limit "1500M", and no pod is made of such.',
    ],
    [{ gpu: { count: 0 } }, "gpu.count: 0 is no number of GPUs."],
    [{ gpu: { type: "L4", count: 1 } }, 'gpu.type: "L4" is no resource of a node. Give one such as nvidia.com/gpu'],
    [{ cache: { maxStaleness: "P1M" } }, 'cache.maxStaleness: "P1M" is no duration. Give ISO 8601'],
    [{ retries: { count: 0 } }, "retries.count: 0 is no number of further tries."],
    [{ retries: { count: 1, backoffSeconds: -1 } }, "retries.backoffSeconds: -1 is below 0."],
    [{ timeoutSeconds: 0.5 }, "timeoutSeconds: 0.5 is no time to run."],
    [{ securityContext: { runAsUser: 0 } }, "securityContext.runAsUser: 0 is root"],
    [{ volumes: [{ claim: "nfs", mountPath: "data" }] }, 'mountPath: "data" is not absolute.'],
    [
      {
        volumes: [
          { claim: "a", mountPath: "/data" },
          { claim: "b", mountPath: "/data" },
        ],
      },
      'mountPath: two volumes are mounted at "/data".',
    ],
    [
      { volumes: [{ claim: "a", mountPath: "/a" }], secretFiles: [{ secret: "a", mountPath: "/b" }] },
      'secret at /b: "a" is mounted twice, and the pod cannot have two volumes of one name.',
    ],
    [{ secretFiles: [{ secret: "my.secret", mountPath: "/b" }] }, '"my.secret" cannot name a volume in the pod.'],
    [{ secretEnv: [{ secret: "My_Secret", keys: {} }] }, 'secretEnv: "My_Secret" cannot be an object of the cluster.'],
  ];
  for (const [given, expected] of wrong) {
    it(`are refused for ${JSON.stringify(given)}`, () => {
      const place = 'Pipeline "faulty", step "say", ';
      assert.throws(
        () => compile(settings(given)),
        ({ message }: Error) => message.startsWith(place) && message.slice(place.length).includes(expected),
      );
    });
  }

  it("are refused for a component called outside of a pipeline", () => {
    assert.throws(() => say({ text: "x" }), /Component "say" is called outside of a pipeline\. Call it in the body/);
  });

  it("do not compile where types differ", () => {
    pipeline("types", { parameters: { ratio: double(), word: string() } }, ({ ratio, word }) => {
      const { data } = make({ rows: 1 }).outputs;
      const { model, rows } = train({ data }).outputs;
      keep({ thing: model }); // any artifact will do
      make({ rows });
      // @ts-expect-error a number is not a text
      say({ text: 3 });
      // @ts-expect-error nor is one on its way
      say({ text: ratio });
      // @ts-expect-error a model is not a dataset
      train({ data: model });
      // @ts-expect-error a dataset is not a parameter
      say({ text: data });
      // @ts-expect-error text has no order
      void word.lessThan;
      // @ts-expect-error text is not compared with numbers
      void word.equals(3);
      // @ts-expect-error there is no such output
      void make({ rows: 1 }).outputs.model;
      // @ts-expect-error items of another type
      forEach(["a"], { item: integer() }, (rank) => score({ rank }));
      const { each } = forEach([1], { item: integer() }, (rows) => ({ each: make({ rows }).outputs.data })).outputs;
      // @ts-expect-error what a loop collects is a list
      train({ data: each });
      // @ts-expect-error a misspelt setting
      say({ text: "x" }, { timeOutSeconds: 3 });
    });
  });
});
