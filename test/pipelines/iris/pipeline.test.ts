import assert from "node:assert/strict";
import { EXAMPLE as ARGS } from "../../../pipelines/iris/example";
import { FLOWERS, iris } from "../../../pipelines/iris/pipeline";
import { compile } from "../../../pipelines/sdk/compile";
import { parts } from "../support/compiled";

describe("The iris pipeline", () => {
  const compiled = compile(iris(ARGS));
  const { tasks, all, container, platform } = parts(compiled);
  const root = compiled.pipelineSpec["root"] as {
    inputDefinitions: { parameters: Record<string, { defaultValue: unknown }> };
  };

  it("fetches, splits, trains, judges and publishes, in this order", () => {
    const chain = ["data-ingestion", "data-preprocess", "train-eval", "gate"];
    assert.deepEqual(Object.keys(tasks).sort(), [...chain, "condition-1"].sort());
    for (const [at, task] of chain.entries())
      assert.deepEqual(tasks[task]?.dependentTasks ?? [], at === 0 ? [] : [chain[at - 1]], task);
    assert.ok("publish" in all && !("publish" in tasks));
  });

  it("has the published parameters, with data that are in its own image", () => {
    const { parameters } = root.inputDefinitions;
    const given = Object.fromEntries(
      Object.entries(parameters).map(([name, { defaultValue }]) => [name, defaultValue]),
    );
    assert.deepEqual(given, {
      url: FLOWERS.url,
      sha256: FLOWERS.sha256,
      label_colname: "species",
      number_of_estimators: 2,
      floor: 0.93,
      margin: 0.004,
    });
  });

  it("runs the ingestion every time, and may reuse the rest", () => {
    const cached = (task: string) => all[task]!.cachingOptions?.enableCache === true;

    assert.ok(!cached("data-ingestion") && !cached("gate") && !cached("publish"));
    assert.ok(cached("data-preprocess") && cached("train-eval"));
    assert.deepEqual(platform("data-ingestion").podMetadata?.annotations, {
      "pipelines.recommender/max-cache-staleness": "P0D",
    });
  });

  it("pulls images as the setting says", () => {
    assert.equal(platform("train-eval").imagePullPolicy, "IfNotPresent");
    const moving = parts(compile(iris({ ...ARGS, pullPolicy: "Always" })));
    for (const task of ["data-ingestion", "data-preprocess", "train-eval"])
      assert.equal(moving.platform(task).imagePullPolicy, "Always");
  });

  it("takes its images from the settings, its commands from the component files", () => {
    assert.equal(container("data-ingestion").image, "registry/iris:1");
    assert.equal(container("gate").image, "registry/models:1");
    assert.deepEqual(container("train-eval").command.slice(-1), ["train-eval"]);
    assert.ok(container("train-eval").args.includes("{{$.outputs.artifacts['model'].path}}"));
  });
});
