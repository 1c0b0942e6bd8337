import assert from "node:assert/strict";
import { compile } from "../../../pipelines/sdk/compile";
import { component } from "../../../pipelines/sdk/component";
import { pipeline } from "../../../pipelines/sdk/pipeline";
import { double } from "../../../pipelines/sdk/types";
import { until } from "../controllers/support/until";
import { ApiBackend } from "../kubeflow-api/support/api-backend";
import { PipelinesStack, type Wanted } from "./support/pipelines-stack";

const IMAGE = "registry.example/books:1";

/** One step that writes a number, or fails. The stand-in of the containers knows `write` and `fail`. */
const books = (rmse: string, fails = false): Wanted["pipeline"] => {
  const train = component({
    name: "train",
    outputs: { rmse: double() },
    image: IMAGE,
    command: ({ outputs }) => (fails ? ["fail", "no ratings in file"] : ["write"]).concat(outputs.rmse.path, rmse),
  });
  const { name, pipelineSpec, digest } = compile(pipeline("books", () => ({ rmse: train().outputs.rmse })));
  return { name, pipelineSpec, digest };
};

describe("Runs of pipelines on the compact backend", function () {
  this.timeout(600_000);
  let backend: ApiBackend;
  let pipelines: PipelinesStack;

  before(async () => {
    backend = await ApiBackend.start();
    pipelines = await PipelinesStack.start(backend.plane, Number(new URL(backend.url).port));
  });

  after(async () => {
    pipelines?.stop();
    await backend?.stop();
  });

  const want = (pipeline: Wanted["pipeline"], more: Partial<Wanted> = {}) =>
    pipelines.want({ pipeline, timeoutMinutes: 5, retainedVersions: 2, retainedRuns: 3, ...more });
  const runs = async () => {
    const answer = await fetch(`${backend.url}/apis/v2beta1/runs`);
    return ((await answer.json()) as { runs: { display_name: string; state: string; storage_state: string }[] }).runs;
  };

  it("runs a version that the webhook has admitted, and hands over what it found out", async () => {
    want(books("0.87"));

    const shown = await pipelines.stack.up();

    assert.match(shown, /: train: succeeded in \d+ s/);
    assert.deepEqual(JSON.parse(await pipelines.stack.pulumi("stack", "output", "outputs")), { train: { rmse: 0.87 } });
    await pipelines.stack.up("--expect-no-changes");
  });

  it("says which step failed and what it wrote last", async () => {
    want(books("", true));

    const { exitCode, output } = await pipelines.stack.run(["up", "--yes", "--skip-preview"]);

    assert.notEqual(exitCode, 0);
    assert.match(output, /Run books-[0-9a-f]{10}-[0-9a-f]{8} failed: .*train.*exit code 1/);
    assert.match(output, /no ratings in file/);
  });

  it("keeps as many versions and runs as it is told to, and what the stack uses", async () => {
    const names = [];
    for (const rmse of ["0.86", "0.85", "0.84"]) {
      const version = books(rmse);
      names.push(`books-${version.digest.slice(0, 10)}`);
      want(version);
      await pipelines.stack.up();
    }

    assert.deepEqual(await pipelines.versionNames(), names.slice(-2).sort());
    assert.equal((await runs()).length, 3);
  });

  it("runs a step from the cache where only something else is new", async () => {
    want(books("0.84"), { rerun: "once more" });

    assert.match(await pipelines.stack.up(), /: train: cached/);
  });

  it("refuses parameters that the pipeline does not have", async () => {
    want(books("0.84"), { parameters: { shrink: 100 } });

    const { exitCode, output } = await pipelines.stack.run(["up", "--yes", "--skip-preview"]);

    assert.notEqual(exitCode, 0);
    assert.match(
      output,
      /POST \/apis\/v2beta1\/runs of Service ml-pipeline in namespace recommenders failed with 400: .*shrink/,
    );
  });

  it("takes pipeline and versions away with the stack, and leaves the runs in the archive", async () => {
    await pipelines.stack.pulumi("destroy", "--yes", "--skip-preview");

    await until("the versions are gone", async () => (await pipelines.versionNames()).length === 0);
    assert.deepEqual(new Set((await runs()).map(({ storage_state }) => storage_state)), new Set(["ARCHIVED"]));
  });
});
