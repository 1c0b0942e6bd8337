import assert from "node:assert/strict";
import { compile } from "../../../pipelines/sdk/compile";
import { outline, taskTree } from "../../../pipelines/sdk/cli/task-tree";
import { forEach, when } from "../../../pipelines/sdk/control";
import { type AnyPipeline, pipeline } from "../../../pipelines/sdk/pipeline";
import { integer } from "../../../pipelines/sdk/types";
import { samples } from "./samples/pipelines";
import { make, say, score, train } from "./samples/words";

/** Steps, what decides whether or how often they run, and what they wait for. */
const graphOf = (written: AnyPipeline) => outline(taskTree(compile(written)));
const specOf = (written: AnyPipeline) => compile(written).pipelineSpec as unknown as Spec;

interface Spec {
  readonly root: Component;
  readonly components: Readonly<Record<string, Component>>;
}
interface Component {
  readonly dag: { readonly tasks: Readonly<Record<string, Record<string, unknown>>>; readonly outputs?: unknown };
  readonly inputDefinitions?: unknown;
  readonly outputDefinitions?: unknown;
}

describe("Control flow", () => {
  it("orders steps by what they take, and by after without it", () => {
    const ordered = pipeline("ordered", () => {
      const { data } = make({ rows: 1 }).outputs;
      const trained = train({ data });
      say({ text: "alone" });
      say({ text: "late" }, { name: "late" }).after(trained);
    });

    assert.deepEqual(graphOf(ordered), ["├ make", "├ say", "├ train  ← make", "└ late  ← train"]);
  });

  it("runs a branch where a condition holds, which waits for what anything in it takes", () => {
    assert.deepEqual(graphOf(samples.gate), [
      "├ make",
      "├ train  ← make",
      "└ condition-1  if train.rmse < threshold  ← train",
      "  └ publish",
    ]);
  });

  it("hands on the result of whichever of two branches ran", () => {
    const { root, components } = specOf(samples.either);

    assert.deepEqual(graphOf(samples.either), [
      "├ condition-branches-1",
      "│ ├ condition-1  if big == true",
      "│ │ └ say",
      "│ └ condition-2  if !(big == true)",
      "│   └ say",
      "└ last  ← condition-branches-1",
    ]);
    assert.deepEqual(components["comp-condition-branches-1"]?.dag.outputs, {
      parameters: {
        text: {
          valueFromOneof: {
            parameterSelectors: [
              { producerSubtask: "condition-1", outputParameterKey: "text" },
              { producerSubtask: "condition-2", outputParameterKey: "text" },
            ],
          },
        },
      },
    });
    assert.deepEqual(root.dag.outputs, {
      parameters: { text: { valueFromParameter: { producerSubtask: "last", outputParameterKey: "said" } } },
    });
  });

  it("loops over constants, a parameter or an output, so many rounds at a time, and collects lists", () => {
    const { root, components } = specOf(samples.loops);
    const { "for-loop-1": over, "for-loop-2": constants, "for-loop-3": made } = root.dag.tasks;

    assert.deepEqual(over?.["iteratorPolicy"], { parallelismLimit: 2 });
    assert.deepEqual(over?.["parameterIterator"], {
      itemInput: "pipelinechannel--for-loop-1-item",
      items: { inputParameter: "pipelinechannel--words" },
    });
    assert.deepEqual((constants?.["parameterIterator"] as { items: unknown }).items, {
      raw: '[{"rank":8,"shrink":0.5},{"rank":16,"shrink":1}]',
    });
    assert.equal(constants?.["iteratorPolicy"], undefined);
    assert.deepEqual(made?.["dependentTasks"], ["echo-list"]);
    assert.deepEqual(components["comp-for-loop-1"]?.outputDefinitions, {
      parameters: { said: { parameterType: "LIST" } },
    });
    const { parameters } = components["comp-for-loop-2"]?.dag.tasks["score"]?.["inputs"] as { parameters: unknown };
    assert.deepEqual(parameters, {
      rank: {
        componentInputParameter: "pipelinechannel--for-loop-2-item",
        parameterExpressionSelector: 'parseJson(string_value)["rank"]',
      },
      shrink: {
        componentInputParameter: "pipelinechannel--for-loop-2-item",
        parameterExpressionSelector: 'parseJson(string_value)["shrink"]',
      },
    });
  });

  it("runs one step at the end, however the rest went, with its status", () => {
    const { report } = specOf(samples.watched).root.dag.tasks;

    assert.deepEqual(report?.["triggerPolicy"], { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" });
    assert.deepEqual(report?.["dependentTasks"], ["exit-handler-1"]);
    assert.deepEqual((report?.["inputs"] as { parameters: object }).parameters, {
      status: { taskFinalStatus: { producerTask: "exit-handler-1" } },
      to: { componentInputParameter: "to" },
    });
  });

  it("takes a pipeline for a step, once written however often it is used, and hands on its outputs", () => {
    const { root, components } = specOf(samples.nested);
    const { evaluation, "evaluation-2": second } = root.dag.tasks;

    assert.deepEqual(evaluation?.["componentRef"], second?.["componentRef"]);
    assert.equal(Object.keys(components).filter((key) => key.startsWith("comp-evaluation")).length, 1);
    assert.deepEqual(second?.["dependentTasks"], ["evaluation", "make"]);
    assert.deepEqual(second?.["taskInfo"], { name: "Second evaluation" });
    assert.deepEqual(root.dag.outputs, {
      artifacts: { model: { artifactSelectors: [{ producerSubtask: "evaluation-2", outputArtifactKey: "model" }] } },
      parameters: { rmse: { valueFromParameter: { producerSubtask: "evaluation", outputParameterKey: "rmse" } } },
    });
  });

  it("lifts what stands several levels up through each of them", () => {
    const deep = pipeline("deep", { parameters: { least: integer() } }, ({ least }) => {
      const { rows } = train({ data: make({ rows: 3 }).outputs.data }).outputs;
      forEach([1, 2], { item: integer() }, (rank) => {
        when(rank.atLeast(least), () => {
          const steps = {
            first: score({ rank: rows }, { name: "first" }),
            second: score({ rank }, { name: "second" }),
          };
          steps.second.after(steps.first);
        });
      });
    });

    assert.deepEqual(graphOf(deep), [
      "├ make",
      "├ train  ← make",
      "└ for-loop-1  for each of [1,2]  ← train",
      "  └ condition-1  if for-loop-1-item >= least",
      "    ├ first",
      "    └ second  ← first",
    ]);
  });
});
