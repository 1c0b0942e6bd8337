import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import type { PipelinePackage } from "../../../local/kubeflow/model";
import { readPipeline } from "../../../local/kubeflow/ir/read-pipeline";
import { findPipeline, pipelineNames } from "../../../pipelines/sdk/cli/find";
import { compile } from "../../../pipelines/sdk/compile";
import type { AnyPipeline } from "../../../pipelines/sdk/pipeline";
import { essay } from "./document/essay";
import { essays } from "./document/essays";
import { fromFiles } from "./samples/from-files";
import { samples } from "./samples/pipelines";
import { build, plans } from "./samples/random";

const PIPELINES = join(__dirname, "../../../pipelines");

/** What the compact backend does with an upload: it refuses all that it cannot carry out. */
function upload(written: AnyPipeline) {
  const { pipelineSpec, platformSpec } = compile(written);
  return readPipeline(JSON.parse(JSON.stringify({ pipelineSpec, platformSpec })) as PipelinePackage);
}

describe("The compact backend", () => {
  it("takes every kind of pipeline that the compiler writes", () => {
    for (const sample of [...Object.values(samples), fromFiles, essay, essays])
      assert.equal(upload(sample).name, sample.definition.name);
  });

  it("takes all pipelines of this project", async () => {
    for (const name of pipelineNames(PIPELINES)) assert.equal(upload(await findPipeline(PIPELINES, name)).name, name);
  });

  it("takes whatever else can be written", () => {
    fc.assert(
      fc.property(plans, (plan) => {
        assert.equal(upload(build("random", plan).pipeline).name, "random");
      }),
      { numRuns: 20 },
    );
  });
});
