import { strict as assert } from "node:assert";
import type { RecurringRun, Run } from "../../../local/kubeflow/model";
import { fillMacros } from "../../../local/kubeflow/schedule/macros";
import { Scheduler } from "../../../local/kubeflow/schedule/scheduler";
import { saying, TestApi } from "../support/api";

const MINUTE = 60_000;
const START = Date.parse("2026-03-01T12:00:00Z");

describe("Recurring runs", () => {
  let api: TestApi;
  let scheduler: Scheduler;
  let experimentId: string;

  beforeEach(async () => {
    api = await TestApi.start();
    scheduler = new Scheduler(api.backend);
    [{ id: experimentId } = { id: "" }] = api.backend.store.experiments.all();
  });
  afterEach(() => api.stop());

  const recurring = (more: Partial<RecurringRun> = {}): RecurringRun => ({
    id: "nightly",
    experimentId,
    displayName: "nightly",
    enabled: true,
    trigger: { kind: "interval", seconds: 60 },
    maxConcurrency: 10,
    noCatchup: false,
    createdAt: START,
    updatedAt: START,
    parameters: {},
    package: saying(["echo", "hello"]),
    ...more,
  });
  const put = (record: RecurringRun) => api.backend.store.change(() => api.backend.store.recurringRuns.put(record));
  const kept = () => api.backend.store.recurringRuns.get("nightly");
  const runs = (): Run[] => [...api.backend.store.runs.all()].sort((a, b) => a.scheduledAt - b.scheduledAt);
  const minutes = () => runs().map(({ scheduledAt }) => (scheduledAt - START) / MINUTE);
  const tickAt = async (minute: number) => {
    api.time = START + minute * MINUTE;
    await scheduler.tick();
  };
  const finished = () => Promise.all(runs().map(({ id }) => api.workshop.finished(id)));

  it("make a run when their time has come, once, and it runs", async () => {
    await put(recurring({ description: "at night", serviceAccount: "robot", pipelineRoot: "s3://other/root" }));
    await tickAt(0.9);
    assert.deepEqual(minutes(), []);
    await tickAt(1);
    await tickAt(1.5);

    const [run] = await finished();
    assert.deepEqual(minutes(), [1]);
    assert.equal(run?.state, "SUCCEEDED");
    assert.equal(run.displayName, "nightly 2026-03-01T12:01:00Z");
    assert.deepEqual([run.recurringRunId, run.experimentId], ["nightly", experimentId]);
    assert.deepEqual([run.serviceAccount, run.pipelineRoot, run.description], ["robot", "s3://other/root", "at night"]);
  });

  it("make good every time they missed, in order, and as many at a time as they may", async () => {
    await put(recurring({ maxConcurrency: 2 }));
    await tickAt(5);
    assert.deepEqual(minutes(), [1, 2]);
    await finished();
    await tickAt(5);
    await finished();
    await tickAt(5);

    assert.deepEqual(minutes(), [1, 2, 3, 4, 5]);
  });

  it("make only the latest without catch-up", async () => {
    await put(recurring({ noCatchup: true }));
    await tickAt(5.5);
    await tickAt(6);

    assert.deepEqual(minutes(), [5, 6]);
  });

  it("wait while as many runs go on as may", async () => {
    await put(recurring({ maxConcurrency: 1, package: saying(["wait"]) }));
    await tickAt(1);
    await tickAt(3);
    assert.deepEqual(minutes(), [1]);
    const [first] = runs();
    await api.backend.engine.terminate(first?.id ?? "");
    await finished();
    await tickAt(3);

    assert.deepEqual(minutes(), [1, 2]);
  });

  it("make none while disabled, and make good what they missed when enabled", async () => {
    await put(recurring());
    await api.post("/recurringruns/nightly:disable");
    await tickAt(2);
    assert.deepEqual(minutes(), []);
    await api.post("/recurringruns/nightly:enable");
    await tickAt(2);

    assert.deepEqual(minutes(), [1, 2]);
  });

  it("end with their last time", async () => {
    await put(recurring({ trigger: { kind: "interval", seconds: 60, end: START + 2 * MINUTE } }));
    await tickAt(9);

    assert.deepEqual(minutes(), [1, 2]);
  });

  it("make no run twice when the process was killed, and go on", async () => {
    await put(recurring());
    await tickAt(2);
    await api.workshop.restart();
    scheduler = new Scheduler(api.backend);
    await tickAt(2);
    await tickAt(3);

    assert.deepEqual(minutes(), [1, 2, 3]);
  });

  it("make no run twice when two look at the same time", async () => {
    await put(recurring());
    api.time = START + 3 * MINUTE;
    await Promise.all([scheduler.tick(), new Scheduler(api.backend).tick()]);
    await scheduler.tick();

    assert.deepEqual(minutes(), [1, 2, 3]);
  });

  it("know their run although it was marked in another copy of the state", async () => {
    await put(recurring());
    await tickAt(1);
    await put(recurring());
    await tickAt(1);
    await tickAt(2);

    assert.deepEqual(minutes(), [1, 2]);
  });

  it("take the version that is the latest then, and fill in what is known about the time", async () => {
    const { id } = await api.catalog.createPipeline({ name: "books" });
    const text = { parameterType: "STRING" };
    await api.catalog.createVersion(id, { name: "one", package: saying(["echo"], { text }) });
    const parameters = { text: "[[ScheduledTime]] of [[Index]]" };
    await put(recurring({ package: undefined, version: { pipelineId: id }, parameters }));
    await tickAt(1);
    const two = await api.catalog.createVersion(id, { name: "two", package: saying(["echo", "two"], { text }) });
    await tickAt(2);

    const [first, second] = runs();
    assert.deepEqual(first?.parameters, { text: "20260301120100 of 1" });
    assert.deepEqual(second?.parameters, { text: "20260301120200 of 2" });
    assert.equal(second?.version?.pipelineVersionId, two.id);
  });

  it("say why a time made no run, and go on with the next", async () => {
    const { id } = await api.catalog.createPipeline({ name: "books" });
    await put(recurring({ package: undefined, version: { pipelineId: id }, noCatchup: true }));
    await tickAt(1);
    assert.match(kept()?.error ?? "", /^2026-03-01T12:01:00Z: Pipeline .* has no version/);
    await api.catalog.createVersion(id, { name: "one", package: saying(["echo"]) });
    await tickAt(2);

    assert.deepEqual(minutes(), [2]);
    assert.equal(kept()?.error, undefined);
  });

  it("lose no time while the cluster does not answer", async () => {
    const { id } = await api.catalog.createPipeline({ name: "books" });
    await api.catalog.createVersion(id, { name: "one", package: saying(["echo"]) });
    await put(recurring({ package: undefined, version: { pipelineId: id } }));
    api.catalog.away = true;
    await assert.rejects(tickAt(2), /does not answer/);
    api.catalog.away = false;
    await tickAt(2);

    assert.deepEqual(minutes(), [1, 2]);
  });
});

describe("Words in the parameters of recurring runs", () => {
  const occasion = { scheduledAt: START, now: START + 5000, index: 7 };
  const fill = (text: string) => fillMacros({ text }, occasion).text;

  it("become the time, in Go's form where one is given, and the number of the run", () => {
    assert.equal(fill("[[ScheduledTime]]"), "20260301120000");
    assert.equal(fill("[[CurrentTime]]"), "20260301120005");
    assert.equal(fill("s3://data/[[ScheduledTime.2006-01-02]]/[[Index]]"), "s3://data/2026-03-01/7");
    assert.equal(fill("[[CurrentTime.15:04:05]]"), "12:00:05");
  });

  it("stay as they are where they mean nothing", () => {
    assert.equal(fill("[[Other]] [1]"), "[[Other]] [1]");
    assert.deepEqual(fillMacros({ rate: 2, list: ["[[Index]]"] }, occasion), { rate: 2, list: ["[[Index]]"] });
  });
});
