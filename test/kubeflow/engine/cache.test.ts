import { strict as assert } from "node:assert";
import type { JsonObject, PipelinePackage } from "../../../local/kubeflow/model";
import { graph, pipeline, step, task } from "../support/specs";
import { words } from "../support/words-program";
import { Workshop } from "../support/workshop";

const cached = { cachingOptions: { enableCache: true } };
const one = (args: string[], more: JsonObject = {}, parts: object = {}): PipelinePackage =>
  pipeline(graph({ go: task("go", more) }), { go: step({ args, ...parts }) });

describe("The cache of the engine", () => {
  let workshop: Workshop;

  beforeEach(() => {
    workshop = new Workshop(words);
  });
  afterEach(() => workshop.dispose());

  const kept = (more: JsonObject = cached, platform?: JsonObject) =>
    pipeline(
      graph({ go: task("go", more) }),
      {
        go: step({ outputArtifacts: ["model"], args: ["keep", "{{$.outputs.artifacts['model'].path}}", "weights"] }),
      },
      platform,
    );

  it("gives what the same task gave before", async () => {
    const first = await workshop.run(kept());
    const second = await workshop.run(kept());

    const [made, taken] = [first, second].map(({ id }) => workshop.tasks(id)["go"]);
    assert.equal(taken?.cachedFrom, made?.id);
    assert.deepEqual(taken?.outputs, made?.outputs);
    assert.equal(workshop.runner.started.length, 1);
  });

  it("is passed by where the artifact is not stored any more", async () => {
    await workshop.run(kept());
    workshop.objects.objects.clear();
    const { id } = await workshop.run(kept());

    assert.equal(workshop.tasks(id)["go"]?.cached, false);
    assert.equal(workshop.objects.objects.size, 1);
  });

  it("is passed by where the result is older than the step allows", async () => {
    const annotations = { "pipelines.recommender/max-cache-staleness": "PT1H" };
    const bounded = kept(cached, { deploymentSpec: { executors: { "exec-go": { podMetadata: { annotations } } } } });
    await workshop.run(bounded);
    workshop.ahead = 59 * 60_000;
    const early = await workshop.run(bounded);
    workshop.ahead = 61 * 60_000;
    const late = await workshop.run(bounded);

    assert.equal(workshop.tasks(early.id)["go"]?.cached, true);
    assert.equal(workshop.tasks(late.id)["go"]?.cached, false);
  });

  it("gives nothing of a task that failed, or that may not be cached", async () => {
    await workshop.run(one(["fail"], cached));
    await workshop.run(one(["fail"], cached));
    await workshop.run(kept({}));
    await workshop.run(kept({}));

    assert.equal(workshop.runner.started.length, 4);
  });
});
