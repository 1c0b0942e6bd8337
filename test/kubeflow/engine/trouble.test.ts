import { strict as assert } from "node:assert";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject, PipelinePackage } from "../../../local/kubeflow/model";
import { after as following, artifactOf, graph, pipeline, step, task } from "../support/specs";
import { words } from "../support/words-program";
import { Workshop } from "../support/workshop";

const cached = { cachingOptions: { enableCache: true } };
const one = (args: string[], more: JsonObject = {}, parts: object = {}): PipelinePackage =>
  pipeline(graph({ go: task("go", more) }), { go: step({ args, ...parts }) });

describe("Runs of the engine in trouble", () => {
  let workshop: Workshop;

  beforeEach(() => {
    workshop = new Workshop(words);
  });
  afterEach(() => workshop.dispose());

  const files = () =>
    existsSync(join(workshop.directory, "pipelines")) ? readdirSync(join(workshop.directory, "pipelines")) : [];

  it("let nothing of a step become current that did not leave all it promised", async () => {
    const half = one(["keep", "{{$.outputs.artifacts['model'].path}}", "half"], cached, {
      outputArtifacts: ["model"],
      outputs: { rmse: "NUMBER_DOUBLE" },
    });

    const { id, state } = await workshop.run(half);

    const { attempts = [], outputs } = workshop.tasks(id)["go"] ?? {};
    assert.equal(state, "FAILED");
    assert.equal(attempts[0]?.reason, "OutputMissing");
    assert.deepEqual(outputs, { parameters: {}, artifacts: {} });
    assert.equal(workshop.objects.objects.size, 0);
    assert.deepEqual([...workshop.store.cacheEntries.all()], []);
    assert.deepEqual(files(), []);
  });

  it("name an output of another type", async () => {
    const wrong = one(["say", "n", "seven"], {}, { outputs: { n: "NUMBER_INTEGER" } });

    const { id, error } = await workshop.run(wrong);

    assert.equal(workshop.tasks(id)["go"]?.attempts[0]?.reason, "OutputInvalid");
    assert.match(error ?? "", /The output parameter "n" that the step wrote is wrong: "seven" is no NUMBER_INTEGER/);
  });

  it("fail a step whose bucket does not answer, and go on with it on retry", async () => {
    const content = pipeline(
      graph({
        make: task("make"),
        use: task("use", { ...following("make"), inputs: { artifacts: { model: artifactOf("make", "model") } } }),
      }),
      {
        make: step({ outputArtifacts: ["model"], args: ["keep", "{{$.outputs.artifacts['model'].path}}", "weights"] }),
        use: step({ inputArtifacts: { model: {} } }),
      },
    );
    workshop.runner.program = (container) => {
      if (container.order.jobName.startsWith("make")) void words(container);
      workshop.objects.unreachable = container.order.jobName.startsWith("make") && !again;
    };
    let again = false;
    const failed = await workshop.run(content);
    again = true;
    workshop.objects.unreachable = false;
    await workshop.engine.retry(failed.id);
    const run = await workshop.finished(failed.id);

    assert.match(
      failed.error ?? "",
      /Task "make" failed: The object storage does not answer for s3:\/\/artifacts\/runs\//,
    );
    assert.equal(run.state, "SUCCEEDED");
    assert.deepEqual(workshop.states(run.id), { make: "SUCCEEDED", use: "SUCCEEDED" });
  });

  it("keep what had succeeded when they are retried", async () => {
    const content = pipeline(graph({ good: task("good"), bad: task("bad", following("good")) }), {
      good: step(),
      bad: step({ args: ["fail"] }),
    });
    const { id } = await workshop.run(content);
    workshop.runner.program = () => undefined;
    await workshop.engine.retry(id);
    await workshop.finished(id);

    assert.deepEqual(workshop.states(id), { good: "SUCCEEDED", bad: "SUCCEEDED" });
    assert.equal(workshop.runner.started.length, 3);
  });

  it("go on after the process was killed, with the Job that runs", async () => {
    let go = (): void => undefined;
    const released = new Promise<void>((done) => (go = done));
    workshop.runner.program = async (container) => {
      if (!container.words.includes("wait")) return;
      await released;
      container.output("n", "1");
    };
    const content = pipeline(
      graph({ before: task("quick"), long: task("long", following("before")), last: task("quick", following("long")) }),
      { quick: step(), long: step({ outputs: { n: "NUMBER_INTEGER" }, args: ["wait"] }) },
    );
    const id = await workshop.start(content);
    await workshop.when(id, () => workshop.states(id)["long"] === "RUNNING");

    await workshop.restart();
    go();
    const run = await workshop.finished(id);

    assert.equal(run.state, "SUCCEEDED");
    assert.equal(workshop.runner.started.length, 3);
    assert.equal(workshop.tasks(id)["long"]?.attempts.length, 1);
  });

  it("stop when they are terminated, take too long or are removed", async () => {
    const held = one(["hold"]);
    const late = pipeline(
      graph({ go: task("go") }),
      { go: step({ args: ["hold"] }) },
      {
        pipelineConfig: { activeDeadlineSeconds: "1" },
      },
    );
    const running = async (content: PipelinePackage) => {
      const id = await workshop.start(content);
      await workshop.when(id, () => workshop.states(id)["go"] === "RUNNING");
      return id;
    };
    const [terminated, removed, slow] = [await running(held), await running(held), await running(late)];
    await workshop.engine.terminate(terminated);
    await workshop.engine.remove(removed);

    assert.equal((await workshop.finished(terminated)).error, "The run was terminated.");
    assert.match((await workshop.finished(slow)).error ?? "", /longer than the active deadline/);
    assert.deepEqual(workshop.states(terminated), { go: "CANCELED" });
    assert.equal(workshop.store.runs.get(removed), undefined);
    assert.deepEqual(await workshop.runner.names(), []);
    assert.deepEqual(files(), []);
  });
});
