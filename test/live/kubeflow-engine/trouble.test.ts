import { strict as assert } from "node:assert";
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after as following, artifactOf, graph, pipeline, step, task } from "../../kubeflow/support/specs";
import { until } from "../controllers/support/until";
import { nodeSpec } from "../kapsule/support/specs";
import { hundredTasks } from "./support/pipelines";
import { shell } from "./support/shell";
import { type ShownRun, Stage } from "./support/stage";

/** One line each time the step of a task begins, on the shared volume, which outlives pods. */
const mark = "echo begun >> /marks/$KFP_POD_NAME";
const marks = { pvcMount: [{ constant: "nfs", mountPath: "/marks", subPath: "marks" }] };

describe("Steps in trouble on a real cluster", function () {
  this.timeout(300_000);
  let stage: Stage;

  before(async () => {
    stage = await Stage.create({ OBJECT_STORAGE_PATIENCE_SECONDS: "3" });
  });
  after(async () => stage.dispose());
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    console.log(await stage.kubectl("get", "jobs,pods,nodes", "-o", "wide").catch(String));
    console.log(stage.backendLog);
  });

  const running = (id: string, name: string): Promise<ShownRun> =>
    stage.when(id, `task ${name} runs`, (run) =>
      Boolean(run.run_details?.task_details.some((each) => each.name === name && each.state === "RUNNING")),
    );
  const marked = pipeline(
    graph({ before: task("quick"), long: task("long", following("before")), last: task("quick2", following("long")) }),
    {
      quick: step({ container: shell(mark) }),
      long: step({ container: shell(`${mark}; until [ -e /marks/go ]; do sleep 0.2; done; echo done`) }),
      quick2: step({ container: shell(mark) }),
    },
    {
      deploymentSpec: { executors: { "exec-quick": marks, "exec-long": marks, "exec-quick2": marks } },
    },
  );

  it("goes on after SIGKILL, and runs nothing twice", async () => {
    const folder = join(stage.shared, "marks");
    mkdirSync(folder);
    chmodSync(folder, 0o777);
    const id = await stage.submit(marked);
    await running(id, "long");

    await stage.killBackend();
    writeFileSync(join(folder, "go"), "");
    await until("the step ended while nobody watched it", async () => {
      const pods = await stage.kubectl("get", "pods", "-o", "jsonpath={.items[*].status.phase}");
      return pods.includes("Succeeded");
    });
    await stage.startBackend();
    const run = await stage.finished(id);

    assert.equal(run.state, "SUCCEEDED", run.error?.message);
    const pods = readdirSync(folder).filter((name) => name !== "go");
    assert.equal(pods.length, 3);
    for (const pod of pods) assert.equal(readFileSync(join(folder, pod), "utf8"), "begun\n");
    assert.equal(await stage.log(run, "long"), "done\n");
  });

  const train = step({
    outputArtifacts: ["model"],
    container: shell("echo weights > \"{{$.outputs.artifacts['model'].path}}\""),
  });

  it("fails a step whose bucket does not answer, and goes on from there once it does", async () => {
    const content = pipeline(graph({ train: task("train") }), { train });
    await stage.stopStorage();
    const failed = await stage.run(content);

    assert.equal(stage.task(failed, "train").reason, "ObjectStorage");
    assert.match(
      failed.error?.message ?? "",
      /s3:\/\/artifacts\/runs\/.*could not be written: the object storage does not answer/,
    );
    await stage.startStorage();
    assert.deepEqual(await stage.objects(`runs/test/${failed.run_id}/`), []);

    await stage.ask("POST", `/apis/v2beta1/runs/${failed.run_id}:retry`);
    const run = await stage.finished(failed.run_id);
    assert.equal(run.state, "SUCCEEDED", run.error?.message);
    assert.equal((await stage.objects(`runs/test/${run.run_id}/`)).length, 1);
  });

  it("fails a step whose inputs cannot be read, and goes on from there once they can", async () => {
    const model = { inputs: { artifacts: { model: artifactOf("train", "model") } } };
    const content = pipeline(
      graph({
        train: task("train"),
        hold: task("hold", following("train")),
        use: task("use", { ...model, ...following("train", "hold") }),
      }),
      {
        train,
        hold: step({ container: shell("until [ -e /marks/cut ]; do sleep 0.2; done") }),
        use: step({ inputArtifacts: { model: {} }, container: shell("cat \"{{$.inputs.artifacts['model'].path}}\"") }),
      },
      { deploymentSpec: { executors: { "exec-hold": marks } } },
    );
    const id = await stage.submit(content);
    await running(id, "hold");
    await stage.stopStorage();
    writeFileSync(join(stage.shared, "marks", "cut"), "");
    const failed = await stage.finished(id);

    assert.equal(stage.task(failed, "use").reason, "ObjectStorage");
    assert.match(failed.error?.message ?? "", /model could not be read: the object storage does not answer/);
    await stage.startStorage();

    await stage.ask("POST", `/apis/v2beta1/runs/${id}:retry`);
    const run = await stage.finished(id);
    assert.equal(run.state, "SUCCEEDED", run.error?.message);
    assert.match(await stage.log(run, "use"), /^--- try 1 of 2 \(ObjectStorage\)\n--- try 2 of 2\nweights\n$/);
  });

  it("runs a hundred tasks of two loops, none lost, and answers meanwhile", async () => {
    const id = await stage.submit(hundredTasks());
    const refused: string[] = [];
    const look = async () => {
      const shown = await stage.show(id).catch((error: Error) => void refused.push(error.message));
      return shown && ["SUCCEEDED", "FAILED"].includes(shown.state) && shown;
    };
    const run = await until("the run has ended", look, 280);

    assert.deepEqual(refused, []);
    assert.equal(run.state, "SUCCEEDED", run.error?.message);
    const work = run.run_details?.task_details.filter(({ name }) => name === "work") ?? [];
    assert.equal(work.length, 100);
    assert.deepEqual(
      work.filter(({ state, attempts }) => state !== "SUCCEEDED" || attempts.length !== 1),
      [],
    );
    assert.equal(await stage.kubectl("get", "jobs", "-o", "name"), "");
  });

  it("runs a step again whose node is gone, and says so", async () => {
    const next = nodeSpec("cpu");
    const long = pipeline(
      graph({ go: task("go") }),
      {
        go: step({ container: shell("echo on a node; until [ -e /marks/second ]; do sleep 0.2; done") }),
      },
      { deploymentSpec: { executors: { "exec-go": marks } } },
    );
    const id = await stage.submit(long);
    const first = stage.task(await running(id, "go"), "go").attempts[0]?.node_name;

    await stage.machine.kapsule.stopNode(stage.cluster, stage.node, 0);
    await stage.machine.startNode(stage.cluster, next);
    const again = await stage.when(
      id,
      "the step runs on the other node",
      (run) => stage.task(run, "go").attempts[1]?.node_name !== undefined && stage.task(run, "go").state === "RUNNING",
    );
    writeFileSync(join(stage.shared, "marks", "second"), "");
    const run = await stage.finished(id);

    assert.equal(run.state, "SUCCEEDED", run.error?.message);
    const [lost, kept] = stage.task(again, "go").attempts;
    assert.equal(lost?.lost, true);
    assert.match(lost?.reason ?? "", /NodeLost|PodGone|PodDeleted/);
    assert.equal(lost?.node_name, first);
    assert.equal(kept?.node_name, next.name);
  });
});
