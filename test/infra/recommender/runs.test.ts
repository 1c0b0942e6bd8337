import assert from "node:assert/strict";
import { operations, type Properties } from "../../../infra/recommender/runs/operations";
import { failing, FakePipelines, lasting, succeeding, type FakeRun } from "./support/fake-pipelines";

describe("Runs of pipelines", () => {
  let fake: FakePipelines;
  let lines: string[];
  const print = console.log;

  beforeEach(async () => {
    fake = await FakePipelines.start();
    lines = [];
    console.log = (line: string) => lines.push(line);
  });

  afterEach(async () => {
    console.log = print;
    await fake.stop();
  });

  const backend = () => ({
    kubeconfig: fake.kubeconfig(),
    clusterId: "fr-par/1",
    namespace: "recommenders",
    service: "ml-pipeline",
    port: 8888,
  });
  const run = (more: object = {}): Properties => ({
    ...backend(),
    experimentId: "experiment",
    pipelineId: "pipeline",
    versionId: "version",
    versionName: "books-0123456789",
    parameters: { shrink: 100 },
    rerun: "",
    timeoutMinutes: 1,
    onDelete: "archive",
    ...more,
  });
  const of = (kind: string) => operations[kind]!;
  const posts = () => fake.changes.filter((change) => change === "POST /runs").length;

  it("starts a run, tells its progress and hands over what it found out", async () => {
    const { id, outs } = await of("run").create(run());

    const [made] = fake.runs as [FakeRun];
    assert.equal(id, made.run_id);
    assert.match(made.display_name ?? "", /^books-0123456789-[0-9a-f]{8}$/);
    assert.deepEqual(made.runtime_config, { parameters: { shrink: 100 } });
    const { state, finishedAt, outputs, metrics } = outs;
    assert.deepEqual(
      { state, finishedAt, outputs, metrics },
      {
        state: "SUCCEEDED",
        finishedAt: "2026-11-21T08:00:09Z",
        outputs: { train: { rmse: 0.87 } },
        metrics: { train: { report: { recall: 0.25 } } },
      },
    );
    const name = made.display_name ?? "";
    assert.deepEqual(lines, [
      `${name}: started as run ${id}`,
      `${name}: prepare: cached`,
      `${name}: train: started on node cpu-1`,
      `${name}: train: succeeded in 7 s on node cpu-1`,
      `${name}: succeeded`,
    ]);
  });

  it("takes up the run of a deploy that was cut off, whether it works or has succeeded", async () => {
    const first = await of("run").create(run());
    const again = await of("run").create(run());
    fake.runs[0]!.state = "RUNNING";
    const working = await of("run").create(run());

    assert.deepEqual([again.id, working.id], [first.id, first.id]);
    assert.equal(posts(), 1);
  });

  it("runs anew what has failed, what is archived, and what is another version, parameter or wish", async () => {
    fake.script = failing;
    await assert.rejects(of("run").create(run()));
    fake.script = succeeding;
    const { outs, id } = await of("run").create(run());
    await of("run").delete(id, outs);
    await of("run").create(run());
    await of("run").create(run({ versionId: "other" }));
    await of("run").create(run({ parameters: { shrink: 99 } }));
    await of("run").create(run({ rerun: "tuesday" }));

    assert.equal(posts(), 6);
  });

  it("looks for the run when the answer to its creation is lost", async () => {
    fake.faults.push(...([undefined, undefined, "lost"] as never[]));

    const { id } = await of("run").create(run());

    assert.equal(posts(), 1);
    assert.equal(fake.runs[0]?.run_id, id);
  });

  it("fails with the step, its reason and its last lines", async () => {
    fake.script = failing;

    await assert.rejects(
      of("run").create(run()),
      /Run books-0123456789-[0-9a-f]{8} failed: task train failed: exit code 1; .*\nno ratings in file$/s,
    );
  });

  it("fetches the log of the failed pod where the backend has no error to tell", async () => {
    fake.podLogs.set("books-x-impl-7", "reading\nno ratings in file\n");
    fake.script = (made) => {
      made.state = "FAILED";
      const pod = { display_name: "executor", state: "FAILED" as const, pod_name: "books-x-impl-7" };
      const step = { display_name: "train", state: "FAILED" as const, child_tasks: [{ pod_name: "books-x-impl-7" }] };
      made.run_details = { task_details: [{ display_name: "train-driver", state: "SUCCEEDED" }, step, pod] };
    };

    await assert.rejects(
      of("run").create(run()),
      /failed: task train failed; the last lines of its log:\nreading\nno r/,
    );
    assert.deepEqual(
      lines.filter((line) => /driver|executor/.test(line)),
      [],
    );
  });

  it("terminates a run that takes too long", async () => {
    fake.script = lasting;

    await assert.rejects(of("run").create(run({ timeoutMinutes: 0 })), /was terminated\. Raise timeoutMinutes/);
    assert.equal(fake.runs[0]?.state, "CANCELING");
  });

  it("finds by a refresh what was deleted by hand", async () => {
    const { id, outs } = await of("run").create(run());
    const before = await of("run").read(id, outs);
    fake.runs.length = 0;

    assert.deepEqual(before, { id, props: outs });
    assert.deepEqual(await of("run").read(id, outs), {});
    await of("run").delete(id, outs);
  });

  it("archives or deletes the run that another one replaces", async () => {
    const { id, outs } = await of("run").create(run());

    await of("run").delete(id, outs);
    assert.equal(fake.runs[0]?.storage_state, "ARCHIVED");
    await of("run").delete(id, { ...outs, onDelete: "delete" });
    assert.deepEqual(fake.runs, []);
  });

  it("leaves everything as it is where the kubeconfig of the state is out of date", async () => {
    const { id, outs } = await of("run").create(run());
    const refused = { status: 401, message: "Unauthorized" };
    fake.faults.push(refused, refused);

    assert.deepEqual(await of("run").read(id, outs), { id, props: outs });
    await of("run").delete(id, outs);

    assert.equal(fake.runs[0]?.storage_state, "AVAILABLE");
    assert.match(
      lines.at(-1) ?? "",
      /^left as it is: .* failed with 401: Unauthorized\. The kubeconfig is out of date/,
    );
  });

  it("takes an experiment that is there, out of the archive if need be", async () => {
    const args = { ...backend(), displayName: "books" };
    const made = await of("experiment").create(args);
    await of("experiment").delete(made.id, made.outs);
    const gone = await of("experiment").read(made.id, made.outs);
    const again = await of("experiment").create(args);

    assert.equal(again.id, made.id);
    assert.deepEqual(gone, {});
    assert.deepEqual(await of("experiment").read(made.id, made.outs), { id: made.id, props: made.outs });
    assert.equal(fake.experiments.length, 1);
  });

  it("makes a schedule, replaces one that is left over, and switches it", async () => {
    const args = {
      ...{ ...run(), displayName: "books-schedule", cron: "0 0 3 * * *" },
      ...{ maxConcurrency: 2, catchUp: false, enabled: true },
    };
    await of("recurringRun").create(args);
    const { id, outs } = await of("recurringRun").create(args);
    const switched = await of("recurringRun").update(id, outs, { ...outs, enabled: false });
    const read = await of("recurringRun").read(id, switched.outs);

    const [made, ...others] = fake.recurringRuns;
    assert.deepEqual(others, []);
    const { trigger, max_concurrency, no_catchup, mode, status } = made!;
    assert.deepEqual(
      { trigger, max_concurrency, no_catchup, mode, status },
      {
        trigger: { cron_schedule: { cron: "0 0 3 * * *" } },
        ...{ max_concurrency: 2, no_catchup: true, mode: "ENABLE", status: "DISABLED" },
      },
    );
    assert.equal(read.props?.["enabled"], false);
  });

  it("waits for a backend that is restarting, and names what is wrong with one that stays away", async () => {
    fake.faults.push({ status: 503, message: "no endpoints available" }, { status: 502, message: "bad gateway" });
    await of("experiment").create({ ...backend(), displayName: "books" });
    fake.faults.push({ status: 403, message: "forbidden" });

    await assert.rejects(
      of("experiment").create({ ...backend(), displayName: "other" }),
      /^PipelinesError: GET \/apis\/v2beta1\/experiments of Service ml-pipeline in namespace recommenders failed with 403: forbidden\. Its user needs/,
    );
  });
});
