import { strict as assert } from "node:assert";
import type { RunMessage, TaskMessage } from "../../../local/kubeflow/api/messages";
import { valuesOf } from "../../../local/kubeflow/page/client/parameters";
import { metricsOf } from "../../../local/kubeflow/page/client/run-metrics";
import { compared, difference } from "../../../local/kubeflow/page/client/screens/compare";

const metrics = (metadata: TaskMessage["input_parameters"]) => ({
  metrics: [{ artifact_id: "a", name: "metrics", type: "system.Metrics", uri: "s3://b/k", metadata }],
});
const task = (given: object) =>
  ({
    kind: "container",
    display_name: "",
    output_artifacts: {},
    output_parameters: {},
    ...given,
  }) as unknown as TaskMessage;
const run = (...task_details: TaskMessage[]) => ({ run_details: { task_details } }) as unknown as RunMessage;

describe("The comparison of two runs", () => {
  it("finds the metrics of all steps, told apart by where they stand", () => {
    const found = metricsOf(
      run(
        task({ task_id: "l", name: "loop", kind: "loop", output_parameters: { rmse: [1, 2] } }),
        ...[0, 1].flatMap((iteration) => [
          task({ task_id: `i${iteration}`, name: "loop", kind: "iteration", iteration, parent_task_id: "l" }),
          task({
            task_id: `t${iteration}`,
            name: "train",
            parent_task_id: `i${iteration}`,
            output_artifacts: metrics({ rmse: 0.5 + iteration, display_name: "metrics" }),
          }),
        ]),
        task({ task_id: "e", name: "evaluate", output_parameters: { score: 3, text: "no number" } }),
      ),
    );

    assert.deepEqual(Object.fromEntries(found), {
      "loop/1/train/metrics: rmse": 0.5,
      "loop/2/train/metrics: rmse": 1.5,
      "evaluate: score": 3,
    });
  });

  it("sets side by side what only one of them has", () => {
    assert.deepEqual(compared(new Map([["a", 1]]), new Map([["b", 2]])), [
      { name: "a", left: 1, right: undefined },
      { name: "b", left: undefined, right: 2 },
    ]);
  });

  it("says by how much numbers differ, and only numbers", () => {
    const of = (left: string | number | undefined, right: number) => difference({ name: "", left, right });

    assert.deepEqual([of(0.1, 0.3), of(3, 1), of(2, 2), of("a", 1), of(undefined, 1)], ["+0.2", "-2", "0", "–", "–"]);
  });

  it("knows what a run was made with: what it was told, else the defaults", () => {
    const parameters = {
      shrink: { parameterType: "NUMBER_DOUBLE", defaultValue: 100 },
      title: { parameterType: "STRING" },
      ranks: { parameterType: "LIST", defaultValue: [4, 8] },
    };
    const spec = { root: { inputDefinitions: { parameters } } };

    assert.deepEqual(
      [...valuesOf(spec, { shrink: 0, title: "x" })],
      [
        ["ranks", [4, 8]],
        ["shrink", 0],
        ["title", "x"],
      ],
    );
    assert.equal(valuesOf({ root: 3 }, {}).size, 0);
  });
});
