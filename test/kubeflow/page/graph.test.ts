import { strict as assert } from "node:assert";
import type { TaskMessage } from "../../../local/kubeflow/api/messages";
import type { JsonObject } from "../../../local/kubeflow/model";
import { type Graph, graphOf, type GraphNode } from "../../../local/kubeflow/page/client/graph/graph";
import { artifactOf, constant, graph, outputOf, pipeline, step, task as taskSpec } from "../support/specs";

const task = (given: Partial<TaskMessage> & Pick<TaskMessage, "task_id">): TaskMessage => ({
  run_id: "run",
  display_name: given.name ?? given.task_id,
  create_time: "2026-11-21T15:00:00Z",
  state: "SUCCEEDED",
  state_history: [],
  inputs: {},
  outputs: {},
  name: given.task_id,
  kind: "container",
  cached: false,
  input_parameters: {},
  output_parameters: {},
  input_artifacts: {},
  output_artifacts: {},
  attempts: [],
  ...given,
});

const steps = { make: step(), train: step(), judge: step(), publish: step(), tell: step() };
const { pipelineSpec: spec } = pipeline(
  graph({
    make: taskSpec("make"),
    rounds: taskSpec("rounds", {
      dependentTasks: ["make"],
      parameterIterator: { items: { raw: "[1,2,3]" }, itemInput: "item" },
    }),
    judge: taskSpec("judge", { inputs: { artifacts: { data: artifactOf("make", "data") } } }),
    gate: taskSpec("gate", {
      inputs: { parameters: { "pipelinechannel--judge--rmse": outputOf("judge", "rmse"), other: constant(1) } },
      triggerPolicy: { condition: "double(inputs.parameter_values['pipelinechannel--judge--rmse']) < 0.5" },
    }),
    tell: taskSpec("tell", {
      inputs: { parameters: { status: { taskFinalStatus: { producerTask: "gate" } } } },
      triggerPolicy: { strategy: "ALL_UPSTREAM_TASKS_COMPLETED" },
    }),
  }),
  { ...steps, rounds: graph({ train: taskSpec("train") }), gate: graph({ publish: taskSpec("publish") }) },
);

const node = ({ nodes }: Graph, id: string): GraphNode => {
  const found =
    nodes.find((each) => each.id === id) ??
    nodes.flatMap(({ inside }) => inside?.nodes ?? []).find((each) => each.id === id);
  assert.ok(found, `no node ${id}`);
  return found;
};

const loop = (states: readonly TaskMessage["state"][]): TaskMessage[] => [
  task({ task_id: "l", name: "rounds", kind: "loop", state: "RUNNING" }),
  ...states.flatMap((state, iteration) => [
    task({ task_id: `i${iteration}`, name: "rounds", kind: "iteration", iteration, parent_task_id: "l", state }),
    task({ task_id: `t${iteration}`, name: "train", parent_task_id: `i${iteration}`, state }),
  ]),
];
const shownIn = (tasks: TaskMessage[], lookedAt?: string) =>
  node(graphOf(spec, tasks, lookedAt), "/rounds/train").task?.task_id;

describe("The graph of a pipeline", () => {
  it("joins tasks by order, parameters, artifacts and the status of others", () => {
    const { edges } = graphOf(spec);

    assert.deepEqual(edges.map(({ from, to }) => `${from} ${to}`).sort(), [
      "/gate /tell",
      "/judge /gate",
      "/make /judge",
      "/make /rounds",
    ]);
  });

  it("says what groups are for", () => {
    const whole = graphOf(spec);

    assert.deepEqual(node(whole, "/gate").notes, ["if judge.rmse < 0.5"]);
    assert.deepEqual(node(whole, "/rounds").notes, ["loop"]);
    assert.deepEqual(node(whole, "/tell").notes, ["always runs"]);
    assert.equal(node(whole, "/make").inside, undefined);
    assert.deepEqual(
      node(whole, "/gate").inside?.nodes.map(({ id }) => id),
      ["/gate/publish"],
    );
  });

  it("knows the states of a run's tasks, and which have none yet", () => {
    const whole = graphOf(spec, [
      task({ task_id: "m", name: "make", cached: true }),
      task({ task_id: "j", name: "judge", state: "RUNNING" }),
    ]);

    assert.equal(node(whole, "/make").state, "SUCCEEDED");
    assert.equal(node(whole, "/make").cached, true);
    assert.equal(node(whole, "/judge").state, "RUNNING");
    assert.equal(node(whole, "/gate").state, undefined);
  });

  it("shows the iteration that is looked at, else one that failed, else one that runs, else the first", () => {
    assert.equal(shownIn(loop(["SUCCEEDED", "RUNNING", "FAILED"]), "t0"), "t0");
    assert.equal(shownIn(loop(["SUCCEEDED", "RUNNING", "FAILED"]), "i1"), "t1");
    assert.equal(shownIn(loop(["SUCCEEDED", "RUNNING", "FAILED"])), "t2");
    assert.equal(shownIn(loop(["SUCCEEDED", "RUNNING", "PENDING"])), "t1");
    assert.equal(shownIn(loop(["SUCCEEDED", "PENDING", "PENDING"])), "t0");
    assert.deepEqual(node(graphOf(spec, loop(["SUCCEEDED", "RUNNING", "SUCCEEDED"])), "/rounds").notes, [
      "iteration 2 of 3, 2 succeeded",
    ]);
  });

  it("takes a specification that is no pipeline, or refers to itself, without harm", () => {
    const endless = pipeline(graph({ again: taskSpec("again") }), { again: graph({ again: taskSpec("again") }) });

    for (const odd of [
      {},
      { root: 3 },
      { root: { dag: { tasks: { a: null } } } },
      endless.pipelineSpec,
    ] as JsonObject[])
      assert.doesNotThrow(() => graphOf(odd));
  });
});
