/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-return, @typescript-eslint/no-unsafe-call -- assertions on manifests of every kind */
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

const job = (task: string) => `recommenders-books-${task}-job`;
const podOf = (deployment: Deployment<unknown>, name: string) => deployment.inputsOf(name).spec.template.spec;

describe("Books", () => {
  let plain: Deployment<unknown>;
  before(async () => {
    plain = await deployStack("dev", books({}));
  });

  it("puts the ratings into the data bucket, and downloads them after that", () => {
    const { bucket, key, file } = plain.inputsOf("recommenders-books-data");

    assert.equal(bucket, "foundation-buckets-data-id");
    assert.equal(file, "data/BX-CSV-Dump.zip");
    const [container] = podOf(plain, job("download-dataset")).containers;
    assert.ok(container.args.includes(`s3://recommender-dev-data/${key}`));
    assert.ok(plain.of(job("download-dataset")).dependencies.includes(plain.of("recommenders-books-data").urn));
  });

  it("fetches ratings from elsewhere without a copy of its own", async () => {
    const data = { name: "Elsewhere", url: "https://example.org/ratings.zip", sha256: "a".repeat(64) };
    const { names, ...deployment } = await deployStack("dev", books({ data }));

    assert.ok(!names.includes("recommenders-books-data"));
    const [container] = podOf({ names, ...deployment }, job("download-dataset")).containers;
    assert.deepEqual(container.args.slice(0, 2), ["--source", "https://example.org/ratings.zip"]);
  });

  it("runs the steps in their order", () => {
    const after = (later: string, earlier: string) =>
      plain.of(job(later)).dependencies.includes(plain.of(job(earlier)).urn);

    assert.ok(after("prepare-dataset", "download-dataset"));
    for (const training of ["recommender-scikit", "recommender-pytorch", "recommender-scikit-gpu-node"])
      assert.ok(after(training, "prepare-dataset"), training);
    assert.ok(!after("recommender-pytorch", "recommender-scikit"));
  });

  it("names a Job after what goes into it, and keeps it after its end", () => {
    const { metadata, spec } = plain.inputsOf(job("recommender-pytorch"));

    assert.match(metadata.name as string, /^books-recommender-pytorch-[0-9a-f]{10}$/);
    // A Job that deletes itself is missing at the next refresh, and would run again.
    assert.equal(spec.ttlSecondsAfterFinished, undefined);
  });

  it("makes a failed Job anew at the next deploy", () => {
    const { metadata } = plain.inputsOf(job("prepare-dataset"));

    assert.deepEqual(metadata.annotations, { "pulumi.com/replaceUnready": "true" });
  });

  it("puts a GPU step on a GPU node with one GPU, and all others elsewhere", () => {
    const gpu = podOf(plain, job("recommender-pytorch"));
    const cpu = podOf(plain, job("recommender-scikit"));

    assert.deepEqual(gpu.nodeSelector, { "recommender/pool": "gpu" });
    assert.equal(gpu.containers[0].resources.limits["nvidia.com/gpu"], "1");
    assert.deepEqual(gpu.tolerations, [
      { key: "nvidia.com/gpu", operator: "Equal", value: "present", effect: "NoSchedule" },
    ]);
    assert.deepEqual(cpu.nodeSelector, { "recommender/pool": "cpu" });
    assert.equal(cpu.containers[0].resources.limits["nvidia.com/gpu"], undefined);
    assert.deepEqual(cpu.tolerations, []);
  });

  it("gives the keys of object storage to the download step alone", () => {
    const withKeys = plain.resources
      .filter(({ type }) => type === "kubernetes:batch/v1:Job")
      .filter(({ inputs }) => inputs.spec.template.spec.containers[0].envFrom.length > 0);

    assert.deepEqual(
      withKeys.map(({ name }) => name),
      [job("download-dataset")],
    );
  });

  it("meets the Pod Security level restricted with every pod", () => {
    const pods = plain.resources
      .filter(({ inputs }) => inputs?.metadata?.namespace === "recommenders" && inputs.spec?.template)
      .map(({ inputs }) => inputs.spec.template.spec);

    assert.equal(pods.length, 6);
    for (const { securityContext, containers } of pods) {
      assert.equal(securityContext.runAsNonRoot, true);
      assert.deepEqual(securityContext.seccompProfile, { type: "RuntimeDefault" });
      assert.deepEqual(containers[0].securityContext, {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ["ALL"] },
      });
    }
  });

  it("serves once the model is trained, and reads the volume without writing to it", () => {
    const deployment = plain.of("recommenders-books-serving-deployment");
    const [container] = podOf(plain, deployment.name).containers;

    assert.ok(deployment.dependencies.includes(plain.of(job("recommender-scikit")).urn));
    assert.ok(container.volumeMounts.some((mount: Inputs) => mount.mountPath === "/mnt/nfs" && mount.readOnly));
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
