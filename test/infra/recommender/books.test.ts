/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument -- assertions on manifests of every kind */
import assert from "node:assert/strict";
import type { Deployment, Inputs } from "../../support/deploy";
import { rawSettings, type RawSettings } from "../../support/settings";
import { deployStack } from "../../support/stack";

/** The settings of `dev` with others for books. */
function books(changes: object): RawSettings {
  const raw = structuredClone(rawSettings("dev"));
  Object.assign(raw["recommenders"]?.["books"] as object, changes);
  return raw;
}

const podOf = (deployment: Deployment<unknown>, name: string) => deployment.inputsOf(name).spec.template.spec;

/** The compiled pipeline as the cluster gets it. */
function pipelineOf(deployment: Deployment<unknown>) {
  const { pipelineSpec, platformSpec } = deployment.inputsOf("recommenders-books-pipeline-version").spec;
  const containers = pipelineSpec.deploymentSpec.executors;
  const { executors } = platformSpec.platforms.kubernetes.deploymentSpec;
  return { tasks: pipelineSpec.root.dag.tasks, containers, settings: executors };
}

describe("Books", () => {
  let plain: Deployment<unknown>;
  before(async () => {
    plain = await deployStack("dev", books({}));
  });

  it("puts the ratings into the data bucket, and runs the pipeline after that", () => {
    const { bucket, key, file } = plain.inputsOf("recommenders-books-data");

    assert.equal(bucket, "foundation-buckets-data-id");
    assert.equal(file, "data/BX-CSV-Dump.zip");
    const { origin } = pipelineOf(plain).tasks["download-dataset"].inputs.parameters;
    assert.equal(origin.runtimeValue.constant, `s3://recommender-dev-data/${key}`);
    const data = plain.of("recommenders-books-data").urn;
    assert.ok(plain.of("recommenders-books-pipeline-pipeline").dependencies.includes(data));
  });

  it("fetches ratings from elsewhere without a copy of its own", async () => {
    const data = { name: "Elsewhere", url: "https://example.org/ratings.zip", sha256: "a".repeat(64) };
    const deployment = await deployStack("dev", books({ data }));

    assert.ok(!deployment.names.includes("recommenders-books-data"));
    const { origin } = pipelineOf(deployment).tasks["download-dataset"].inputs.parameters;
    assert.equal(origin.runtimeValue.constant, "https://example.org/ratings.zip");
  });

  it("makes another version when a setting of the model changes, and the same one when none does", async () => {
    const nameOf = (deployment: Deployment<unknown>): string =>
      deployment.inputsOf("recommenders-books-pipeline-version").metadata.name;

    assert.match(nameOf(plain), /^books-[0-9a-f]{10}$/);
    assert.equal(nameOf(await deployStack("dev", books({}))), nameOf(plain));
    assert.notEqual(nameOf(await deployStack("dev", books({ shrink: 50 }))), nameOf(plain));
  });

  it("puts a GPU step on a GPU node with one GPU, and all others elsewhere", () => {
    const { containers, settings } = pipelineOf(plain);
    const places = Object.entries<Inputs>(settings).map(([name, { nodeSelector, tolerations = [] }]) => ({
      step: name.replace("exec-", ""),
      pool: nodeSelector.labels["recommender/pool"] as string,
      tolerates: (tolerations as Inputs[]).map(({ key }) => key as string),
      gpus: containers[name].container.resources.accelerator?.resourceCount as string | undefined,
    }));

    const onGpuNodes = places.filter(({ pool }) => pool === "gpu");
    assert.deepEqual(onGpuNodes.map(({ step }) => step).sort(), ["recommender-pytorch", "recommender-scikit-2"]);
    for (const { tolerates, gpus } of onGpuNodes) {
      assert.deepEqual(tolerates, ["nvidia.com/gpu"]);
      assert.equal(gpus, "1");
    }
    for (const { tolerates, gpus } of places.filter(({ pool }) => pool !== "gpu"))
      assert.deepEqual({ tolerates, gpus }, { tolerates: [], gpus: undefined });
  });

  it("gives the keys of object storage to the steps that need them alone", () => {
    const withKeys = Object.entries<Inputs>(pipelineOf(plain).settings)
      .filter(([, { secretAsEnv = [] }]) => (secretAsEnv as unknown[]).length > 0)
      .map(([name]) => name.replace("exec-", ""));

    assert.deepEqual(withKeys.sort(), ["download-dataset", "gate", "publish"]);
  });

  it("runs the pipeline by a schedule only where it is asked for", async () => {
    const { inputsOf } = await deployStack("dev", books({ schedule: "0 0 3 * * *" }));

    assert.equal(inputsOf("recommenders-books-pipeline-schedule").cron, "0 0 3 * * *");
    assert.ok(!plain.names.includes("recommenders-books-pipeline-schedule"));
  });

  it("meets the Pod Security level restricted with the pods that answer", () => {
    const { securityContext, containers } = podOf(plain, "recommenders-books-serving-deployment");

    assert.equal(securityContext.runAsNonRoot, true);
    assert.deepEqual(securityContext.seccompProfile, { type: "RuntimeDefault" });
    assert.deepEqual(containers[0].securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
  });

  it("serves the current model of the bucket once the pipeline has run, with keys that only read", () => {
    const deployment = plain.of("recommenders-books-serving-deployment");
    const [container] = podOf(plain, deployment.name).containers;

    assert.ok(deployment.dependencies.includes(plain.of("recommenders-books-pipeline-run").urn));
    assert.deepEqual(container.env.slice(1), [
      { name: "RECOMMENDER", value: "books" },
      { name: "MODELS", value: "s3://recommender-dev-models" },
    ]);
    assert.deepEqual(container.envFrom, [{ secretRef: { name: "serving-storage" } }]);
  });

  it("stays with a version of the model where one is named", async () => {
    const deployment = await deployStack("dev", books({ serving: { modelVersion: "0123abcd" } }));

    const [container] = podOf(deployment, "recommenders-books-serving-deployment").containers;
    assert.ok(container.env.some((entry: Inputs) => entry.name === "MODEL_VERSION" && entry.value === "0123abcd"));
    assert.equal(deployment.inputsOf("recommenders-books-serving-pin").key, "books/0123abcd/pinned");
    assert.ok(!plain.names.includes("recommenders-books-serving-pin"));
  });

  it("goes back to a version though every run fails, and with the same pipeline", async () => {
    const deployment = await deployStack("dev", books({ serving: { modelVersion: "0123abcd" } }));
    const waitsForRun = (of: Deployment<unknown>) =>
      of
        .of("recommenders-books-serving-deployment")
        .dependencies.includes(of.of("recommenders-books-pipeline-run").urn);

    assert.deepEqual(pipelineOf(deployment), pipelineOf(plain));
    assert.ok(!waitsForRun(deployment));
    assert.ok(waitsForRun(plain));
  });

  it("updates without dropping a request: new pods first, old ones finish", () => {
    const { spec } = plain.inputsOf("recommenders-books-serving-deployment");

    assert.deepEqual(spec.strategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 });
    assert.deepEqual(spec.template.spec.containers[0].lifecycle, { preStop: { sleep: { seconds: 5 } } });
  });

  it("opens a shell on the volume only where it is asked for", async () => {
    const { names } = await deployStack("dev", books({ nfsAccess: true }));

    assert.ok(names.includes("recommenders-books-nfs-access-pod"));
    assert.ok(!plain.names.includes("recommenders-books-nfs-access-pod"));
  });
});
