import assert from "node:assert/strict";
import { once } from "node:events";
import { installedTools } from "../../../local/toolchain/ensure-tools";
import { failing, FakePipelines, lasting, succeeding } from "../../infra/recommender/support/fake-pipelines";
import { until } from "../controllers/support/until";
import { type BareControlPlane, startControlPlane } from "../controllers/support/bare-control-plane";
import { PipelinesStack, preparePlane, type Wanted } from "./support/pipelines-stack";

const pipelineSpec = (image: string) => ({
  pipelineInfo: { name: "books" },
  schemaVersion: "2.1.0",
  root: { dag: {} },
  deploymentSpec: { executors: { "exec-train": { container: { image } } } },
});
const wanted = (version: "a" | "b", more: Partial<Wanted> = {}): Wanted => ({
  pipeline: { name: "books", pipelineSpec: pipelineSpec(`books-cpu:${version}`), digest: version.repeat(64) },
  parameters: { shrink: 100 },
  timeoutMinutes: 5,
  ...more,
});

describe("Runs of pipelines, by the real engine through a real API server", function () {
  this.timeout(600_000);
  let plane: BareControlPlane;
  let fake: FakePipelines;
  let pipelines: PipelinesStack;

  before(async () => {
    fake = await FakePipelines.start();
    plane = await startControlPlane(installedTools());
    await preparePlane(plane);
    pipelines = await PipelinesStack.start(plane, fake.port);
  });

  after(async () => {
    pipelines?.stop();
    await plane?.stop();
    await fake?.stop();
  });

  const posts = () => fake.changes.filter((change) => change === "POST /runs").length;
  const newest = () => fake.runs[0]!;
  const preview = () => pipelines.stack.pulumi("preview", "--diff");
  /** Kinds of resources that a preview would make, change or replace. */
  const changes = (shown: string) =>
    ["Pipeline", "PipelineVersion", "Experiment", "Run", "RecurringRun", "Retention"].filter((kind) =>
      new RegExp(`^\\s*[-+~]+\\s?.*[:/]${kind}: \\(`, "m").test(shown),
    );

  it("shows in the preview what will be made, and runs nothing", async () => {
    pipelines.want(wanted("a"));

    const shown = await preview();

    assert.deepEqual(changes(shown), ["Pipeline", "PipelineVersion", "Experiment", "Run", "Retention"]);
    assert.deepEqual(fake.changes, []);
  });

  it("runs the version, shows its progress and hands over its metrics", async () => {
    const shown = await pipelines.stack.up();
    const metrics = await pipelines.stack.pulumi("stack", "output", "metrics");

    assert.match(shown, /books-aaaaaaaaaa-[0-9a-f]{8}: started as run /);
    assert.match(shown, /: prepare: cached/);
    assert.match(shown, /: train: succeeded in 7 s on node cpu-1/);
    assert.deepEqual(JSON.parse(metrics.trim()), { train: { report: { recall: 0.25 } } });
    assert.deepEqual(await pipelines.versionNames(), ["books-aaaaaaaaaa"]);
  });

  it("does nothing where nothing changed", async () => {
    await pipelines.stack.up("--expect-no-changes");
    await pipelines.stack.pulumi("refresh", "--yes", "--skip-preview", "--expect-no-changes");

    assert.equal(posts(), 1);
  });

  it("sees no change of a run in a renewed kubeconfig, and keeps it out of the state", async () => {
    pipelines.renewKubeconfig();

    assert.deepEqual(changes(await preview()), []);
    assert.ok(!pipelines.stack.state().includes(pipelines.token()));
  });

  it("shows a new version when an image changed, and only a new run when a parameter did", async () => {
    pipelines.want(wanted("b"));
    const version = changes(await preview());
    pipelines.want(wanted("a", { parameters: { shrink: 99 } }));
    const parameter = changes(await preview());

    assert.deepEqual(version, ["PipelineVersion", "Run", "Retention"]);
    assert.deepEqual(parameter, ["Run", "Retention"]);
    assert.equal(posts(), 1);
  });

  it("fails with one sentence and what the step wrote last, and leaves the earlier run as it is", async () => {
    pipelines.want(wanted("b"));
    fake.script = failing;

    const { exitCode, output } = await pipelines.stack.run(["up", "--yes", "--skip-preview"]);

    assert.notEqual(exitCode, 0);
    assert.match(output, /Run books-bbbbbbbbbb-[0-9a-f]{8} failed: task train failed: exit code 1;/);
    assert.match(output, /no ratings in file/);
    assert.equal(fake.runs.at(-1)?.storage_state, "AVAILABLE");
  });

  it("goes on with the same run after a deploy that was killed", async () => {
    fake.script = lasting;
    const before = posts();
    const killed = pipelines.startUp();
    await until("the run is at work", () => Promise.resolve(newest().state === "RUNNING"));
    killed.kill("SIGKILL");
    await once(killed, "exit");
    fake.script = succeeding;

    await pipelines.stack.pulumi("cancel", "--yes");
    const shown = await pipelines.stack.up();

    assert.match(shown, /: taken up again as run /);
    assert.equal(posts(), before + 1);
  });

  it("archives the run before, and keeps its version to go back to", async () => {
    const states = fake.runs.map(({ storage_state }) => storage_state);
    pipelines.want(wanted("a"));
    const shown = await pipelines.stack.up();

    assert.deepEqual(states, ["AVAILABLE", "AVAILABLE", "ARCHIVED"]);
    assert.deepEqual(await pipelines.versionNames(), ["books-aaaaaaaaaa", "books-bbbbbbbbbb"]);
    assert.match(shown, /books-aaaaaaaaaa-[0-9a-f]{8}: started as run /);
  });

  it("runs anew what was deleted by hand", async () => {
    fake.runs.shift();
    const before = posts();

    await pipelines.stack.up("--refresh");

    assert.equal(posts(), before + 1);
  });

  it("makes a schedule, switches it in place, and replaces it before the new one starts", async () => {
    const schedule = (enabled: boolean, cron: string) => wanted("a", { schedule: { cron, enabled } });
    const made = () => fake.recurringRuns.map(({ status, trigger }) => ({ status, trigger }));
    pipelines.want(schedule(true, "0 0 3 * * *"));
    await pipelines.stack.up();
    const first = made();
    pipelines.want(schedule(false, "0 0 3 * * *"));
    await pipelines.stack.up();
    const second = made();
    fake.changes.length = 0;
    pipelines.want(schedule(false, "0 0 4 * * *"));
    await pipelines.stack.up();

    const trigger = { cron_schedule: { cron: "0 0 3 * * *" } };
    assert.deepEqual(first, [{ status: "ENABLED", trigger }]);
    assert.deepEqual(second, [{ status: "DISABLED", trigger }]);
    assert.match(fake.changes.join("\n"), /^DELETE \/recurringruns\/\S+\nPOST \/recurringruns$/);
    assert.deepEqual(made(), [{ status: "DISABLED", trigger: { cron_schedule: { cron: "0 0 4 * * *" } } }]);
  });

  it("archives the experiment and leaves no schedule when the stack goes", async () => {
    await pipelines.stack.pulumi("destroy", "--yes", "--skip-preview");

    assert.equal(fake.experiments[0]?.storage_state, "ARCHIVED");
    assert.deepEqual(fake.recurringRuns, []);
  });
});
