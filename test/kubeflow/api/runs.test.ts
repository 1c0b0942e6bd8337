import { strict as assert } from "node:assert";
import type {
  ArtifactMessage,
  ArtifactPreviewMessage,
  RunMessage,
  TaskMessage,
} from "../../../local/kubeflow/api/messages";
import { saying, TestApi } from "../support/api";
import { artifactOf, constant, graph, pipeline, step, task } from "../support/specs";

interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly details: readonly { readonly "@type": string; readonly code: number; readonly message: string }[];
}

/** One step writes a file and a number, and the next one reads the file. */
const report = pipeline(
  graph({
    measure: task("measure", {
      inputs: { parameters: { score: constant(0.5) } },
      cachingOptions: { enableCache: true },
    }),
    show: task("show", { dependentTasks: ["measure"], inputs: { artifacts: { page: artifactOf("measure", "page") } } }),
  }),
  {
    measure: step({
      inputs: { score: "NUMBER_DOUBLE" },
      outputArtifacts: ["page"],
      container: {
        command: ["write", "{{$.outputs.artifacts['page'].path}}", "score {{$.inputs.parameters['score']}}"],
      },
    }),
    show: step({ inputArtifacts: { page: {} }, container: { command: ["echo", "seen"] } }),
  },
);

describe("Runs of the API", () => {
  let api: TestApi;

  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.stop());

  const start = async (content = saying(["echo", "hello"]), more: object = {}) => {
    const body = { display_name: "a run", pipeline_spec: content.pipelineSpec, ...more };
    const { status, body: run } = await api.post<RunMessage>("/runs", body);
    assert.equal(status, 200, JSON.stringify(run));
    return run;
  };
  const ended = async (content = saying(["echo", "hello"]), more: object = {}) => {
    const { run_id } = await start(content, more);
    await api.workshop.finished(run_id);
    return (await api.get<RunMessage>(`/runs/${run_id}`)).body;
  };
  const tasksOf = (run: RunMessage): Record<string, TaskMessage> =>
    Object.fromEntries((run.run_details?.task_details ?? []).map((each) => [each.name, each]));

  it("answer at once, as the original does", async () => {
    const run = await start(saying(["echo"], { text: { parameterType: "STRING", defaultValue: "x" } }));

    const { run_id, experiment_id, pipeline_spec, ...rest } = run;
    assert.deepEqual(rest, {
      display_name: "a run",
      state: "PENDING",
      storage_state: "AVAILABLE",
      created_at: "2026-03-01T12:00:00Z",
      scheduled_at: "2026-03-01T12:00:00Z",
      finished_at: "1970-01-01T00:00:00Z",
      runtime_config: {},
      state_history: [{ update_time: "2026-03-01T12:00:00Z", state: "PENDING" }],
    });
    assert.ok(run_id && experiment_id && pipeline_spec);
  });

  it("show each task with what it took and gave, and what the artifacts hold", async () => {
    const run = await ended(report);

    const { measure, show } = tasksOf(run);
    assert.deepEqual(measure?.input_parameters, { score: 0.5 });
    assert.deepEqual(
      [measure.kind, measure.state, measure.cached, show?.state],
      ["container", "SUCCEEDED", false, "SUCCEEDED"],
    );
    const [page] = measure.output_artifacts.page ?? [];
    assert.ok(page);
    assert.deepEqual(measure.outputs, { page: { artifact_ids: [page.artifact_id] } });
    assert.deepEqual(show?.input_artifacts.page, [page]);
    assert.equal(measure.pod_name, measure.attempts[0]?.pod_name);
    const { body: artifact } = await api.get<ArtifactMessage>(`/artifacts/${page.artifact_id}`);
    assert.deepEqual(artifact, page);
    const preview = await api.get<ArtifactPreviewMessage>(`/artifacts/${page.artifact_id}:preview`);
    assert.deepEqual(preview.body, {
      entries: [{ path: "", bytes: "9" }],
      path: "",
      text: "score 0.5",
      truncated: false,
    });
  });

  it("give the bytes of artifacts: a part, all, and as the original has it", async () => {
    const run = await ended(report);
    const { measure } = tasksOf(run);
    const id = measure?.output_artifacts.page?.[0]?.artifact_id ?? "";

    const part = await api.get<ArtifactPreviewMessage>(`/artifacts/${id}:preview?bytes=5`);
    const whole = await api.raw("GET", `/artifacts/${id}:download`);
    const read = await api.get<{ data: string }>(`/runs/${run.run_id}/nodes/measure/artifacts/page:read`);
    assert.deepEqual([part.body.text, part.body.truncated], ["score", true]);
    assert.equal(whole.body, "score 0.5");
    assert.match(String(whole.headers["content-disposition"]), /^attachment; filename/);
    assert.equal(whole.headers["content-security-policy"], "sandbox");
    assert.equal(Buffer.from(read.body.data, "base64").toString(), "score 0.5");
  });

  it("list the files of an artifact that is a directory, and show the one that is named", async () => {
    const run = await ended(report);
    const [page] = tasksOf(run).measure?.output_artifacts.page ?? [];
    assert.ok(page);
    const { objects } = api.workshop.objects;
    objects.delete(page.uri);
    objects.set(`${page.uri}/a.txt`, Buffer.from("first"));
    objects.set(`${page.uri}/b.bin`, Buffer.from([0, 1, 2]));

    const all = await api.get<ArtifactPreviewMessage>(`/artifacts/${page.artifact_id}:preview`);
    const text = await api.get<ArtifactPreviewMessage>(`/artifacts/${page.artifact_id}:preview?path=a.txt`);
    const bytes = await api.get<ArtifactPreviewMessage>(`/artifacts/${page.artifact_id}:preview?path=b.bin`);
    const none = await api.get<Refusal>(`/artifacts/${page.artifact_id}:preview?path=../a`);
    const which = await api.get<Refusal>(`/artifacts/${page.artifact_id}:download`);
    assert.deepEqual(
      all.body.entries.map(({ path }) => path),
      ["a.txt", "b.bin"],
    );
    assert.equal(text.body.text, "first");
    assert.deepEqual([bytes.body.binary, bytes.body.text], [true, undefined]);
    assert.equal(none.status, 404);
    assert.match(which.body.message, /directory of 2 files/);
  });

  it("mark a task that took the outputs of an earlier one", async () => {
    const first = tasksOf(await ended(report)).measure;
    const second = tasksOf(await ended(report)).measure;

    assert.deepEqual([second?.cached, second?.cached_from], [true, first?.task_id]);
    assert.deepEqual(second?.output_artifacts, first?.output_artifacts);
  });

  it("say why they failed, on the run and on the task", async () => {
    const run = await ended(saying(["fail", "the disk is full"]));

    assert.equal(run.state, "FAILED");
    assert.match(run.error?.message ?? "", /say.*the disk is full/s);
    const { say } = tasksOf(run);
    assert.deepEqual([say?.state, say?.reason, say?.attempts[0]?.exit_code], ["FAILED", "Error", 1]);
    assert.match(say?.error?.message ?? "", /exit code 1/);
  });

  it("give the log of a task, by name or id, and what came since", async () => {
    const run = await ended(saying(["echo", "grüße"]));
    const { say } = tasksOf(run);

    const whole = await api.raw("GET", `/runs/${run.run_id}/tasks/say/log`);
    const rest = await api.raw("GET", `/runs/${run.run_id}/tasks/${say?.task_id}/log?offset=7`);
    assert.equal(whole.body, "grüße\n");
    assert.equal(whole.headers["content-type"], "text/plain; charset=utf-8");
    assert.equal(whole.headers["x-next-offset"], "8");
    assert.equal(rest.body, "\n");
    assert.equal((await api.get(`/runs/${run.run_id}/tasks/none/log`)).status, 404);
  });

  it("end as FAILED when terminated, and go on when retried, with the same id", async () => {
    const { run_id } = await start(saying(["wait"]));
    await api.workshop.when(run_id, ({ state }) => state === "RUNNING");
    assert.deepEqual(await api.post(`/runs/${run_id}:terminate`), { status: 200, body: {} });
    await api.workshop.finished(run_id);
    const terminated = (await api.get<RunMessage>(`/runs/${run_id}`)).body;
    api.workshop.runner.program = () => undefined;
    assert.deepEqual(await api.post(`/runs/${run_id}:retry`), { status: 200, body: {} });
    await api.workshop.when(run_id, ({ state }) => state === "SUCCEEDED");
    const retried = (await api.get<RunMessage>(`/runs/${run_id}`)).body;

    const states = ({ state_history }: RunMessage) => state_history.map(({ state }) => state);
    assert.deepEqual(states(terminated), ["PENDING", "RUNNING", "CANCELING", "FAILED"]);
    assert.deepEqual(states(retried), [...states(terminated), "RUNNING", "SUCCEEDED"]);
  });

  it("are neither terminated nor retried once they succeeded", async () => {
    const { run_id } = await ended();

    const terminate = await api.post<Refusal>(`/runs/${run_id}:terminate`);
    const retry = await api.post<Refusal>(`/runs/${run_id}:retry`);
    assert.deepEqual([terminate.status, retry.status], [400, 400]);
    assert.match(retry.body.message, /is SUCCEEDED; only a run that failed/);
  });

  it("are of a version by reference, the latest where none is named, and keep what they ran", async () => {
    const pipeline = await api.catalog.createPipeline({ name: "books" });
    await api.catalog.createVersion(pipeline.id, { name: "one", package: saying(["echo", "one"]) });
    const two = await api.catalog.createVersion(pipeline.id, { name: "two", package: saying(["echo", "two"]) });
    const reference = { pipeline_spec: undefined, pipeline_version_reference: { pipeline_id: pipeline.id } };
    const run = await ended(undefined, reference);
    await api.catalog.deletePipeline(pipeline.id, true);

    const expected = { pipeline_id: pipeline.id, pipeline_version_id: two.id };
    assert.deepEqual(run.pipeline_version_reference, expected);
    assert.equal(run.pipeline_spec, undefined);
    assert.equal((await api.raw("GET", `/runs/${run.run_id}/tasks/say/log`)).body, "two\n");
  });

  it("carry both documents where there are platforms", async () => {
    const { pipelineSpec } = saying(["echo"]);
    const platforms = { kubernetes: { deploymentSpec: { executors: { "exec-say": { imagePullPolicy: "Always" } } } } };
    const wrapped = { pipeline_spec: pipelineSpec, platform_spec: { platforms } };

    const run = await start(undefined, { pipeline_spec: wrapped });
    assert.deepEqual(run.pipeline_spec, wrapped);
  });

  const spec = saying(["echo"], { rate: "NUMBER_DOUBLE" }).pipelineSpec;
  const given = { runtime_config: { parameters: { rate: 1 } } };
  const refusals: readonly (readonly [string, unknown, number, RegExp])[] = [
    ["no name", { pipeline_spec: spec, ...given }, 400, /no display_name/],
    ["nothing to run", { display_name: "x" }, 400, /pipeline_version_reference or a pipeline_spec/],
    ["an unknown pipeline", { display_name: "x", pipeline_version_reference: { pipeline_id: "p" } }, 404, /Pipeline p/],
    [
      "two sources",
      { display_name: "x", pipeline_spec: spec, pipeline_version_reference: { pipeline_id: "p" } },
      400,
      /not both/,
    ],
    [
      "an unknown experiment",
      { display_name: "x", pipeline_spec: spec, ...given, experiment_id: "e" },
      404,
      /Experiment e/,
    ],
    ["an unknown field", { display_name: "x", pipeline_spec: spec, ...given, colour: "red" }, 400, /"colour"/],
    ["a missing parameter", { display_name: "x", pipeline_spec: spec }, 400, /"rate" is missing/],
    ["what cannot run", { display_name: "x", pipeline_spec: { root: {} } }, 400, /pipelineInfo/],
    ["no JSON", "{", 400, /not JSON/],
    ["another form", [], 400, /does not fit/],
  ];
  for (const [what, body, status, message] of refusals)
    it(`are refused for ${what}, and nothing is left`, async () => {
      const answer = await api.post<Refusal>("/runs", body);

      assert.equal(answer.status, status);
      assert.match(answer.body.message, message);
      const { code, message: text } = answer.body;
      const expected = [{ "@type": "type.googleapis.com/google.rpc.Status", code, message: text }];
      assert.deepEqual(answer.body.details, expected);
      assert.deepEqual((await api.get("/runs")).body, {});
    });

  it("take fields in camelCase, and empty ones as unset", async () => {
    const body = {
      displayName: "a run",
      pipelineSpec: saying(["echo"]).pipelineSpec,
      experimentId: "",
      description: null,
    };
    const { status, body: run } = await api.post<RunMessage>("/runs", body);

    assert.equal(status, 200);
    assert.deepEqual([run.display_name, run.description], ["a run", undefined]);
  });

  it("stay archived with their experiment", async () => {
    const { run_id, experiment_id } = await ended();
    await api.post(`/experiments/${experiment_id}:archive`);

    const refused = await api.post<Refusal>(`/runs/${run_id}:unarchive`);
    assert.deepEqual([refused.status, refused.body.code], [400, 9]);
    assert.match(refused.body.message, /Unarchive experiment/);
  });

  it("answer what nobody serves as the original does", async () => {
    const unknown = await api.get("/nothing");
    const verb = await api.post<Refusal>("/runs/x:stop");

    assert.deepEqual(unknown, { status: 404, body: { code: 5, message: "Not Found" } });
    assert.equal(verb.status, 404);
  });
});
