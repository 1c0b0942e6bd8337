/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- assertions on inputs of every kind */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { goesWith } from "../../../infra/cloud/goes-with";
import { RecommenderPipeline, type RecommenderPipelineArgs } from "../../../infra/recommender/recommender-pipeline";
import { deploy } from "../../support/deploy";

const pipelineSpec = { pipelineInfo: { name: "books" }, schemaVersion: "2.1.0", root: {} };
const compiled = { name: "books", pipelineSpec, digest: "0123456789abcdef".repeat(4) };
const connection = {
  kubeconfig: pulumi.secret("kubeconfig of the cluster"),
  ...{ clusterId: "fr-par/1", namespace: "recommenders", service: "ml-pipeline", port: 8888 },
};

const deployed = (more: Partial<RecommenderPipelineArgs> = {}, opts?: pulumi.ComponentResourceOptions) =>
  deploy(() => new RecommenderPipeline("books", { pipeline: compiled, connection, timeoutMinutes: 60, ...more }, opts));

describe("RecommenderPipeline", () => {
  it("makes a pipeline, its version and a run of it", async () => {
    const { names, inputsOf } = await deployed();

    assert.deepEqual(names, [
      ...["books", "books-experiment", "books-pipeline", "books-retention", "books-run", "books-version"],
    ]);
    assert.deepEqual(inputsOf("books-pipeline").spec, { displayName: "books" });
    const { experimentId, pipelineId, versionId, versionName } = inputsOf("books-run");
    assert.deepEqual(
      { experimentId, pipelineId, versionId, versionName },
      {
        experimentId: "books-experiment-id",
        pipelineId: "uid of books-pipeline",
        versionId: "uid of books-version",
        versionName: "books-0123456789",
      },
    );
  });

  it("names a version after its content, so that other content is another version", async () => {
    const { inputsOf } = await deployed();
    const { inputsOf: inputsOfOther } = await deployed({ pipeline: { ...compiled, digest: "f".repeat(64) } });

    assert.equal(inputsOf("books-version").metadata.name, "books-0123456789");
    assert.equal(inputsOfOther("books-version").metadata.name, "books-ffffffffff");
    assert.deepEqual(inputsOf("books-version").spec, {
      ...{ pipelineName: "books", displayName: "books-0123456789", pipelineSpec },
    });
  });

  it("refuses a digest that would not tell versions apart", () => {
    assert.throws(
      () =>
        new RecommenderPipeline("books", { pipeline: { ...compiled, digest: "1" }, connection, timeoutMinutes: 60 }),
      /Pipeline books has the digest "1"/,
    );
  });

  it("runs by itself only where there is a schedule, and only what has run well", async () => {
    const { names } = await deployed();
    const { inputsOf, of } = await deployed({ schedule: { cron: "0 0 3 * * *" }, parameters: { shrink: 100 } });

    assert.ok(!names.includes("books-schedule"));
    const { cron, maxConcurrency, catchUp, enabled, parameters, displayName } = inputsOf("books-schedule");
    assert.deepEqual(
      { cron, maxConcurrency, catchUp, enabled, parameters, displayName },
      {
        ...{ cron: "0 0 3 * * *", maxConcurrency: 1, catchUp: false, enabled: true },
        ...{ parameters: { shrink: 100 }, displayName: "books-schedule" },
      },
    );
    assert.ok(of("books-schedule").dependencies.includes(of("books-run").urn));
  });

  it("keeps three versions and twenty runs unless told otherwise", async () => {
    const { inputsOf, of } = await deployed();
    const { inputsOf: inputsOfOther } = await deployed({ retainedVersions: 5, retainedRuns: 50 });

    const { versions, runs } = inputsOf("books-retention");
    assert.deepEqual([versions, runs], [3, 20]);
    assert.deepEqual([inputsOfOther("books-retention").versions, inputsOfOther("books-retention").runs], [5, 50]);
    assert.ok(of("books-retention").dependencies.includes(of("books-run").urn));
  });

  it("goes with its cluster, whose destruction then need not reach the backend", async () => {
    const { resources, of } = await deploy(() => {
      const transformations = [goesWith(new scaleway.network.Vpc("cluster"), false)];
      const args = { pipeline: compiled, connection, timeoutMinutes: 60, schedule: { intervalSeconds: 60 } };
      return new RecommenderPipeline("books", args, { transformations });
    });

    const parts = resources.filter(({ name }) => name.startsWith("books-"));
    assert.deepEqual(new Set(parts.map(({ deletedWith }) => deletedWith)), new Set([of("cluster").urn]));
  });

  it("does not write the kubeconfig into the text of its provider", async () => {
    const { inputsOf } = await deployed();

    const { __provider: text } = inputsOf("books-run") as { __provider: string };
    assert.match(text, /infra\/recommender\/runs\/operations/);
    assert.ok(!text.includes("kubeconfig of the cluster"));
  });
});
