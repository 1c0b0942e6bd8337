import { strict as assert } from "node:assert";
import type { JsonObject, PipelinePackage } from "../../../local/kubeflow/model";
import { after as following, constant, fromInput, graph, outputOf, pipeline, step, task } from "../support/specs";
import { words } from "../support/words-program";
import { Workshop } from "../support/workshop";

const one = (args: string[], more: JsonObject = {}, parts: object = {}): PipelinePackage =>
  pipeline(graph({ go: task("go", more) }), { go: step({ args, ...parts }) });

describe("Runs of the engine", () => {
  let workshop: Workshop;

  beforeEach(() => {
    workshop = new Workshop(words);
  });
  afterEach(() => workshop.dispose());

  it("hand values on, by the types that are declared", async () => {
    const content = pipeline(
      graph({
        count: task("count"),
        use: task("use", { ...following("count"), inputs: { parameters: { n: outputOf("count", "n") } } }),
      }),
      {
        count: step({ outputs: { n: "NUMBER_INTEGER" }, args: ["say", "n", " 7\n"] }),
        use: step({ inputs: { n: "NUMBER_INTEGER" }, args: ["with", "{{$.inputs.parameters['n']}}"] }),
      },
    );

    const { id, state } = await workshop.run(content);

    assert.equal(state, "SUCCEEDED");
    assert.deepEqual(workshop.tasks(id)["use"]?.inputs.parameters, { n: 7 });
    assert.deepEqual(workshop.runner.orders[1]?.args, ["with", "7"]);
  });

  it("leave out what a condition excludes, and what depends on it", async () => {
    const condition = { triggerPolicy: { condition: "inputs.parameter_values['rmse'] < 0.9" } };
    const gate = (rmse: number) =>
      pipeline(
        graph({
          publish: task("publish", { ...condition, inputs: { parameters: { rmse: constant(rmse) } } }),
          tell: task("quiet", following("publish")),
        }),
        { publish: step({ inputs: { rmse: "NUMBER_DOUBLE" } }), quiet: step() },
      );

    const good = await workshop.run(gate(0.8));
    const bad = await workshop.run(gate(0.95));

    assert.deepEqual(workshop.states(good.id), { publish: "SUCCEEDED", tell: "SUCCEEDED" });
    assert.deepEqual(workshop.states(bad.id), { publish: "SKIPPED", tell: "SKIPPED" });
    assert.equal(bad.state, "SUCCEEDED");
  });

  it("repeat a graph per item, no more at a time than it allows, and gather what each gave", async () => {
    const body = graph(
      { work: task("work", { inputs: { parameters: { item: fromInput("item") } } }) },
      {
        inputDefinitions: { parameters: { item: { parameterType: "NUMBER_INTEGER" } } },
        outputDefinitions: { parameters: { twice: { parameterType: "NUMBER_INTEGER" } } },
      },
      { parameters: { twice: { valueFromParameter: { producerSubtask: "work", outputParameterKey: "twice" } } } },
    );
    const loop = {
      parameterIterator: { itemInput: "item", items: { raw: "[1, 2, 3, 4, 5]" } },
      iteratorPolicy: { parallelismLimit: 2 },
    };
    const content = pipeline(graph({ each: task("body", loop) }), {
      body,
      work: step({
        inputs: { item: "NUMBER_INTEGER" },
        outputs: { twice: "NUMBER_INTEGER" },
        args: ["say", "twice", "{{$.inputs.parameters['item']}}"],
      }),
    });

    // Each container but the last waits for another one beside it.
    let beside = (): void => undefined;
    workshop.runner.program = async (container) => {
      beside();
      if (workshop.runner.started.length % 2 === 1 && workshop.runner.started.length < 5)
        await new Promise<void>((done) => (beside = done));
      await words(container);
    };

    const { id, state } = await workshop.run(content);

    assert.equal(state, "SUCCEEDED");
    assert.deepEqual(workshop.tasks(id)["each"]?.outputs.parameters, { twice: [1, 2, 3, 4, 5] });
    assert.equal(workshop.runner.peak, 2);
  });

  it("end with their exit handler, which knows how it went", async () => {
    const content = pipeline(
      graph({
        work: task("inner"),
        tell: task("tell", {
          ...following("work"),
          triggerPolicy: { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" },
          inputs: { parameters: { status: { taskFinalStatus: { producerTask: "work" } } } },
        }),
      }),
      {
        inner: graph({ train: task("train") }),
        train: step({ args: ["fail"] }),
        tell: step({ inputs: { status: "TASK_FINAL_STATUS" } }),
      },
    );

    const { id, state, error } = await workshop.run(content);

    assert.equal(state, "FAILED");
    assert.equal(error, 'Task "train" failed: It failed. Its log ends with:\nthe last line');
    assert.deepEqual(workshop.states(id), { work: "FAILED", "work/train": "FAILED", tell: "SUCCEEDED" });
    const { state: told } = workshop.tasks(id)["tell"]?.inputs.parameters["status"] as JsonObject;
    assert.equal(told, "FAILED");
  });

  it("begin nothing more once a task has failed", async () => {
    const parts = { bad: step({ args: ["fail"] }), quiet: step() };
    const content = pipeline(
      graph({ bad: task("bad"), next: task("quiet", following("bad")), last: task("quiet", following("next")) }),
      parts,
    );

    const { id } = await workshop.run(content);

    assert.deepEqual(workshop.states(id), { bad: "FAILED", next: "SKIPPED", last: "SKIPPED" });
    assert.equal(workshop.runner.started.length, 1);
  });

  it("try a step again as often as its policy says, and keep the log of each try", async () => {
    let tries = 0;
    workshop.runner.program = (container) => {
      container.log(`try ${tries + 1}\n`);
      return ++tries < 3 ? { kind: "failed", reason: "Error", message: "Not yet.", exitCode: 1 } : undefined;
    };
    const policy = { retryPolicy: { maxRetryCount: 2, backoffDuration: "0s" } };

    const { id, state } = await workshop.run(one(["work"], policy));

    const { id: taskId = "", attempts = [] } = workshop.tasks(id)["go"] ?? {};
    assert.equal(state, "SUCCEEDED");
    assert.deepEqual(
      attempts.map(({ exitCode }) => exitCode),
      [1, 1, 0],
    );
    assert.match(await workshop.engine.log(taskId), /^--- try 1 of 3 \(Error\)\ntry 1\n.*try 2\n.*try 3\n$/s);
  });

  it("make up for lost nodes beside the policy, but not for ever", async () => {
    const { id, state, error } = await workshop.run(one(["lose"]));

    assert.equal(state, "FAILED");
    assert.match(error ?? "", /Its node is gone/);
    assert.deepEqual(
      workshop.tasks(id)["go"]?.attempts.map(({ lost, reason }) => [lost, reason]),
      [1, 2, 3].map(() => [true, "NodeLost"]),
    );
  });

  it("refuse parameters that the pipeline does not have", async () => {
    const { state, error } = await workshop.run(one(["work"]), { shrink: 100 });

    assert.equal(state, "FAILED");
    assert.equal(error, 'Pipeline "test" has no parameter "shrink"; it has none.');
  });
});
