import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { findPipeline, pipelineNames } from "../../../pipelines/sdk/cli/find";
import { compile } from "../../../pipelines/sdk/compile";
import type { AnyPipeline } from "../../../pipelines/sdk/pipeline";
import { essay } from "../../pipelines/sdk/document/essay";
import { essays } from "../../pipelines/sdk/document/essays";
import { fromFiles } from "../../pipelines/sdk/samples/from-files";
import { samples } from "../../pipelines/sdk/samples/pipelines";
import { build, plans } from "../../pipelines/sdk/samples/random";
import { inlined, untwinnedPlatform } from "./support/inlined";
import { Judges } from "./support/judges";
import { NAMES, references } from "./support/reference";

const PIPELINES = join(__dirname, "../../../pipelines");

/** `kfp.local` takes a fifth of a second per task. */
const MOST_TASKS_OF_A_RUN = 15;

describe("Compiled pipelines, judged by Kubeflow's own packages", function () {
  this.timeout("15m"); // the first time, the packages are installed
  let folder: string;
  let judges: Judges;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "pipelines-"));
    judges = new Judges(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  it("are parsed strictly: samples of every feature, and all that this project runs", async () => {
    const own = await Promise.all(pipelineNames(PIPELINES).map((name) => findPipeline(PIPELINES, name)));
    const pipelines: AnyPipeline[] = [...Object.values(samples), fromFiles, essay, essays, ...own];

    const faults = judges.parse(pipelines.map((pipeline) => compile(pipeline)));

    assert.deepEqual(
      faults.map((fault, index) => [pipelines[index]?.definition.name, fault]),
      pipelines.map(({ definition }) => [definition.name, null]),
    );
  });

  it("would be refused by that parse with a field of an executor or of the platform misspelt", () => {
    const compiled = compile(samples.settings);
    const misspelt = (from: string, to: string) => ({ ...compiled, yaml: compiled.yaml.replace(from, to) });

    const faults = judges.parse([misspelt("image:", "picture:"), misspelt("mountPath:", "mountpath:"), compiled]);

    assert.match(faults[0] ?? "", /no field named "picture"/);
    assert.match(faults[1] ?? "", /no field named "mountpath"/);
    assert.equal(faults[2], null);
  });

  const runs: readonly (readonly [string, AnyPipeline, object, readonly string[], object])[] = [
    ["a gate that opens", samples.gate, {}, ["make", "publish", "train"], {}],
    ["a gate that stays shut", samples.gate, { threshold: 0.25 }, ["make", "train"], {}],
    ["conditions that hold", samples.conditions, {}, ["make", "publish", "say", "train"], {}],
    ["one that does not", samples.conditions, { floor: 8 }, ["make", "train"], {}],
    ["or that is true", samples.conditions, { dry: true }, ["make", "train"], {}],
    ["the first of two branches", samples.either, {}, ["say", "say"], { text: "big" }],
    ["the other", samples.either, { big: false }, ["say", "say"], { text: "small" }],
    [
      "loops, one in another",
      samples.loops,
      { words: ["x", "y"] },
      [...repeat("say", 2), "echo-list", ...repeat("score", 2), ...repeat("score", 4), ...repeat("say", 2)].sort(),
      { said: ["x", "y"], scores: [8.5, 16.5] },
    ],
    ["an exit handler", samples.watched, {}, ["make", "report"], {}],
    [
      "a pipeline in a pipeline",
      samples.nested,
      {},
      ["make", "publish", "train", "train"],
      { rmse: 0.25, model: "system.Model" },
    ],
    ["an import and optional words", samples.outside, { name: "x" }, ["greet", "greet"], {}],
    ["components from files", fromFiles, {}, ["data-ingestion", "summary"], { text: "--output_path" }],
  ];
  it("run under kfp.local as they read", () => {
    const results = judges.run(runs.map(([, pipeline, given]) => ({ compiled: compile(pipeline), arguments: given })));

    for (const [index, [name, , , tasks, outputs]] of runs.entries()) {
      const { text, ...others } = results[index]?.outputs ?? {};
      const shortText = typeof text === "string" ? { text: text.split(" ")[0] } : {};
      assert.deepEqual(
        { name, error: results[index]?.error, tasks: results[index]?.tasks, outputs: { ...others, ...shortText } },
        { name, error: null, tasks, outputs },
      );
    }
  });

  it("tell the exit step that a step failed", () => {
    const [result] = judges.run([{ compiled: compile(samples.watched), arguments: { bad: true } }]);

    assert.match(result?.error ?? "", /watched/);
    assert.deepEqual(result?.tasks, ["fail", "keep", "make", "report"]);
  });

  it("are what Kubeflow's SDK compiles: the metric gate, loops, the exit handler, what steps ask of a cluster", () => {
    const theirs = judges.references();

    for (const [name, pipeline] of Object.entries(references)) {
      const names = NAMES[name as keyof typeof references];
      const [spec, platform] = theirs[name] ?? [];
      const text = names.reduce((json, [from, to]) => json.replaceAll(from, to), JSON.stringify(spec));
      const { pipelineSpec, platformSpec } = compile(pipeline);
      assert.deepEqual(inlined(pipelineSpec), inlined(JSON.parse(text)), name);
      assert.equal(platformSpec === undefined, platform === undefined, name);
      if (platform) assert.deepEqual(untwinnedPlatform(platformSpec), untwinnedPlatform(platform), name);
    }
  });

  it("survive both judges whatever they are made of", () => {
    const seed = Date.now() % 1_000_000;
    const made = fc.sample(plans, { numRuns: 40, seed }).map((plan, index) => {
      const { pipeline, tasks } = build(`random-${index}`, plan);
      return { plan, tasks, compiled: compile(pipeline) };
    });

    const faults = judges.parse(made.map(({ compiled }) => compiled));
    const small = made.filter(({ tasks }) => tasks <= MOST_TASKS_OF_A_RUN);
    const results = judges.run(small);

    for (const [index, { plan }] of made.entries())
      assert.equal(faults[index], null, `seed ${seed}, plan ${JSON.stringify(plan)}`);
    for (const [index, { plan, tasks }] of small.entries()) {
      const shown = `seed ${seed}, plan ${JSON.stringify(plan)}`;
      assert.equal(results[index]?.error, null, shown);
      assert.equal(results[index]?.tasks.length, tasks, shown);
    }
  });
});

function repeat(name: string, count: number): string[] {
  return Array.from({ length: count }, () => name);
}
