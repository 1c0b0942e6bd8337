import { strict as assert } from "node:assert";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after as following, artifactOf, graph, outputOf, pipeline, step, task } from "../../kubeflow/support/specs";
import { threeEchoes } from "./support/pipelines";
import { NAMESPACE, Stage } from "./support/stage";
import { shell } from "./support/shell";

describe("Steps on a real cluster", function () {
  this.timeout(240_000);
  let stage: Stage;

  before(async () => {
    stage = await Stage.create({ IMAGE_PULL_PATIENCE_SECONDS: "8", CONFIGURATION_PATIENCE_SECONDS: "5" });
  });
  after(async () => stage.dispose());
  afterEach(async function () {
    if (this.currentTest?.state !== "failed") return;
    console.log(await stage.kubectl("get", "jobs,pods,events", "-o", "wide").catch(String));
    console.log(stage.backendLog);
  });

  const three = threeEchoes("word");

  it("runs one after the other and keeps what they wrote", async () => {
    const run = await stage.run(three);

    assert.equal(run.state, "SUCCEEDED", run.error?.message);
    assert.match(await stage.log(run, "first"), /^word one from first-[0-9a-f]{12}-0-/);
    assert.match(await stage.log(run, "second"), /^word two from second-[0-9a-f]{12}-0-/);
    assert.match(await stage.log(run, "third"), /^word three from third-[0-9a-f]{12}-0-/);
    assert.equal(await stage.kubectl("get", "jobs", "-o", "name"), "");
  });

  it("takes results from the cache", async () => {
    const run = await stage.run(three);

    assert.deepEqual(
      run.run_details?.task_details.map(({ cached }) => cached),
      [true, true, true],
    );
  });

  it("hands artifacts and parameters on through object storage, and leaves the shared volume empty", async () => {
    const write = [
      "echo 0.87 > \"{{$.outputs.parameters['rmse'].output_file}}\"",
      "echo weights > \"{{$.outputs.artifacts['model'].path}}\"",
      "busybox mkdir -p \"{{$.outputs.artifacts['table'].path}}/part\"",
      "echo rows > \"{{$.outputs.artifacts['table'].path}}/part/1\"",
    ];
    const read = [
      "cat \"{{$.inputs.artifacts['model'].path}}\"",
      "cat \"{{$.inputs.artifacts['table'].path}}/part/1\"",
      "echo \"{{$.inputs.parameters['rmse']}}\"",
    ];
    const run = await stage.run(
      pipeline(
        graph({
          train: task("train"),
          use: task("use", {
            ...following("train"),
            inputs: {
              parameters: { rmse: outputOf("train", "rmse") },
              artifacts: { model: artifactOf("train", "model"), table: artifactOf("train", "table") },
            },
          }),
        }),
        {
          train: step({
            outputs: { rmse: "NUMBER_DOUBLE" },
            outputArtifacts: ["model", "table"],
            container: shell(write.join("\n")),
          }),
          use: step({
            inputs: { rmse: "NUMBER_DOUBLE" },
            inputArtifacts: { model: {}, table: {} },
            container: shell(read.join("\n")),
          }),
        },
      ),
    );

    assert.equal(run.state, "SUCCEEDED", run.error?.message);
    assert.equal(await stage.log(run, "use"), "weights\nrows\n0.87\n");
    const keys = await stage.objects(`runs/test/${run.run_id}/train/`);
    assert.deepEqual(keys.map((key) => key.split("/").slice(5).join("/")).sort(), ["model", "table/part/1"]);
    assert.equal(await stage.object(keys[0] ?? ""), "weights\n");
    assert.ok(!existsSync(join(stage.shared, "pipelines", run.run_id)));
  });

  it("gives a step its secret, and says where a secret is missing", async () => {
    await stage.kubectl("create", "secret", "generic", "kaggle", "--from-literal=key=s3cret");
    const one = pipeline(graph({ fetch: task("fetch"), other: task("other") }), {
      fetch: step({ container: shell("echo key $KEY $(cat /files/key)") }),
      other: step({ container: shell("true") }),
    });
    const secret = (name: string) => ({ secretNameParameter: { runtimeValue: { constant: name } } });
    const config = {
      secretAsEnv: [{ ...secret("kaggle"), keyToEnv: [{ secretKey: "key", envVar: "KEY" }] }],
      secretAsVolume: [{ ...secret("kaggle"), mountPath: "/files" }],
    };
    const missing = {
      environment: { secretAsEnv: [{ ...secret("nobodys"), keyToEnv: [{ secretKey: "key", envVar: "KEY" }] }] },
      files: { secretAsVolume: [{ ...secret("nobodys"), mountPath: "/files" }] },
    };
    const withConfig = (each: object) => ({
      ...one,
      platformSpec: { platforms: { kubernetes: { deploymentSpec: { executors: { "exec-fetch": { ...each } } } } } },
    });

    const good = await stage.run(withConfig(config));
    const [environment, files] = await Promise.all([
      stage.run(withConfig(missing.environment)),
      stage.run(withConfig(missing.files)),
    ]);

    assert.equal(await stage.log(good, "fetch"), "key s3cret s3cret\n");
    assert.equal(stage.task(environment, "fetch").reason, "CreateContainerConfigError");
    assert.match(environment.error?.message ?? "", /Task "fetch" failed: .*secret "nobodys" not found/);
    assert.equal(stage.task(files, "fetch").reason, "FailedMount");
    assert.match(files.error?.message ?? "", /secret "nobodys" not found/);
  });

  it("says which image cannot be had, after a bounded time", async () => {
    const one = (image: string) =>
      stage.run(pipeline(graph({ go: task("go") }), { go: step({ container: { ...shell("true"), image } }) }));

    const run = await one("127.0.0.1:9/nobodys/image:1");

    assert.equal(run.state, "FAILED");
    assert.equal(stage.task(run, "go").reason, "ImagePullBackOff");
    assert.match(run.error?.message ?? "", /Image "127\.0\.0\.1:9\/nobodys\/image:1" cannot be pulled/);
  });

  it("names a program that the image does not have, and a step's exit code with the end of its log", async () => {
    const parts = (container: ReturnType<typeof shell>) =>
      pipeline(graph({ go: task("go") }), { go: step({ container }) });
    const [absent, failing] = await Promise.all([
      stage.run(parts({ ...shell(""), command: ["/bin/absent"], args: [] })),
      stage.run(parts(shell("echo before; echo the reason; exit 3"))),
    ]);

    assert.match(absent.error?.message ?? "", /could not be started: .*\/bin\/absent/);
    assert.match(
      failing.error?.message ?? "",
      /^Task "go" failed: The step ended with exit code 3\. Its log ends with:\nbefore\nthe reason$/,
    );
  });

  it("says that a step used more memory than it may", async () => {
    const greedy = shell("x=0123456789abcdef; while true; do x=$x$x; done");
    const resources = { resourceMemoryLimit: "32Mi", resourceMemoryRequest: "32Mi" };
    const run = await stage.run(
      pipeline(graph({ go: task("go") }), { go: step({ container: { ...greedy, resources } }) }),
    );

    assert.equal(stage.task(run, "go").reason, "OOMKilled");
    assert.match(run.error?.message ?? "", /more than its memory limit of 32Mi/);
  });

  it("says which output was not written, and lets nothing of the step become current", async () => {
    const half = shell("echo half > \"{{$.outputs.artifacts['model'].path}}\"");
    const run = await stage.run(
      pipeline(graph({ go: task("go") }), {
        go: step({ outputs: { rmse: "NUMBER_DOUBLE" }, outputArtifacts: ["model"], container: half }),
      }),
    );

    assert.equal(stage.task(run, "go").reason, "OutputMissing");
    assert.match(run.error?.message ?? "", /without writing its output parameter "rmse" to \/tmp\/kfp\/outputs\/rmse/);
    assert.deepEqual(await stage.objects(`runs/test/${run.run_id}/`), []);
  });

  it("ends a step that takes too long", async () => {
    const content = pipeline(graph({ go: task("go") }), { go: step({ container: shell("sleep 600") }) });
    const kubernetes = { deploymentSpec: { executors: { "exec-go": { activeDeadlineSeconds: "3" } } } };
    const run = await stage.run({ ...content, platformSpec: { platforms: { kubernetes } } });

    assert.equal(stage.task(run, "go").reason, "DeadlineExceeded");
    assert.match(run.error?.message ?? "", /longer than its limit of 3 s/);
  });

  it("ends the work of a terminated run", async () => {
    const content = pipeline(graph({ go: task("go") }), {
      go: step({ container: shell("echo begun; exec sleep 600") }),
    });
    const id = await stage.submit(content);
    await stage.when(id, "the step runs", (run) => run.run_details?.task_details[0]?.state === "RUNNING");
    await stage.ask("POST", `/apis/v2beta1/runs/${id}:terminate`);
    const run = await stage.finished(id);

    assert.equal(run.state, "FAILED");
    assert.equal(stage.task(run, "go").state, "CANCELED");
    assert.equal(await stage.log(run, "go"), "begun\n");
    const pods = `/api/v1/namespaces/${NAMESPACE}/pods`;
    const { items } = await stage.client.json<{ items: { status: { phase: string } }[] }>("GET", pods);
    assert.deepEqual(
      items.filter(({ status }) => status.phase === "Running"),
      [],
    );
  });

  it("shows what a step waits for that no node can take", async () => {
    const content = pipeline(graph({ go: task("go") }), { go: step({ container: shell("true") }) });
    const executor = { nodeSelector: { labels: { gpu: "yes" } } };
    const kubernetes = { deploymentSpec: { executors: { "exec-go": executor } } };
    const id = await stage.submit({ ...content, platformSpec: { platforms: { kubernetes } } });
    const waits = await stage.when(id, "a message is there", (run) => {
      return run.run_details?.task_details[0]?.attempts[0]?.message !== undefined;
    });
    await stage.ask("DELETE", `/apis/v2beta1/runs/${id}`);

    assert.equal(stage.task(waits, "go").state, "PENDING");
    assert.match(stage.task(waits, "go").attempts[0]?.message ?? "", /^Waits for a node: .*node affinity\/selector/);
    assert.equal(await stage.kubectl("get", "jobs", "-o", "name"), "");
    assert.deepEqual(readdirSync(join(stage.shared, "pipelines")).includes(id), false);
  });
});
