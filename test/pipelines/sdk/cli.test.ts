import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { compile } from "../../../pipelines/sdk/compile";
import { findPipeline, pipelineNames } from "../../../pipelines/sdk/cli/find";
import { direct, picture } from "../../../pipelines/sdk/cli/picture";
import { taskTree } from "../../../pipelines/sdk/cli/task-tree";
import { samples } from "./samples/pipelines";

const ROOT = join(__dirname, "../../..");
const PIPELINES = join(ROOT, "pipelines");

describe("npm run pipelines", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "pipelines-cli-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  const run = (...args: readonly string[]) => {
    const program = [join(ROOT, "node_modules/.bin/tsx"), join(PIPELINES, "sdk/cli/main.ts")] as const;
    return spawnSync(program[0], [program[1], ...args], { cwd: folder, encoding: "utf8" });
  };

  it("compiles a pipeline to the terminal or into a file, and tells its digest", async () => {
    const { yaml, digest } = compile(await findPipeline(PIPELINES, "iris"));

    assert.equal(run("compile", "iris").stdout, yaml);
    assert.equal(run("compile", "iris", "--output", "iris.yaml").stdout, `iris.yaml: sha256 ${digest}\n`);
    assert.equal(
      createHash("sha256")
        .update(readFileSync(join(folder, "iris.yaml")))
        .digest("hex"),
      digest,
    );
  });

  it("prints the graph as an outline", () => {
    const lines = run("graph", "iris").stdout.split("\n");

    assert.equal(lines[0], "Iris pipeline");
    assert.ok(lines.includes("├ data-preprocess  ← data-ingestion"), lines.join("\n"));
  });

  it("names the pipelines that there are where one is not", () => {
    const { status, stderr } = run("compile", "films");

    assert.equal(status, 1);
    assert.match(stderr, /There is no pipeline "films"\. There are: books, iris\./);
    assert.deepEqual(pipelineNames(PIPELINES), ["books", "iris"]);
  });
});

describe("The picture of a graph", () => {
  interface Node {
    readonly [name: string]: unknown;
  }
  type Tasks = readonly ReturnType<typeof taskTree>[number][];
  const parsed = (svg: string) =>
    (new XMLParser({ ignoreAttributes: false, attributeNamePrefix: "" }).parse(svg) as { svg: Record<string, Node[]> })
      .svg;

  it("is well-formed, with a box for each task, a line for each order and what decides", () => {
    for (const sample of [samples.conditions, samples.loops, samples.watched, samples.nested]) {
      const tasks = taskTree(compile(sample));
      const svg = picture('Less < "more" & all', tasks);
      assert.equal(XMLValidator.validate(svg), true);
      const levels = (list: Tasks): Tasks[] => [list, ...list.flatMap(({ below }) => (below ? levels(below) : []))];
      const all = levels(tasks);
      const { rect = [], path = [] } = parsed(svg);
      assert.equal(rect.length, 1 + all.flat().length);
      assert.equal([path].flat().length, all.flatMap((level) => level.flatMap((task) => direct(task, level))).length);
    }
    assert.match(picture("x", taskTree(compile(samples.gate))), />if train\.rmse &lt; threshold</);
  });

  it("draws no line to what a task waits for through another", () => {
    const [first, second, third] = ["first", "second", "third"].map((name, at, names) => ({
      name,
      label: name,
      waitsFor: names.slice(0, at),
    }));
    const tasks = [first!, second!, third!];

    assert.deepEqual(
      tasks.map((task) => direct(task, tasks)),
      [[], ["first"], ["second"]],
    );
  });

  it("lets no two boxes of one graph overlap", () => {
    const { rect = [] } = parsed(picture("Conditions", taskTree(compile(samples.conditions))));
    const boxes = rect.slice(1).map(({ x, y, width, height }) => {
      const [left, top] = [Number(x), Number(y)];
      return { left, top, right: left + Number(width), bottom: top + Number(height) };
    });
    type Box = (typeof boxes)[number];
    const holds = (a: Box, b: Box) => a.left <= b.left && a.top <= b.top && a.right >= b.right && a.bottom >= b.bottom;
    const apart = (a: Box, b: Box) => a.right < b.left || b.right < a.left || a.bottom < b.top || b.bottom < a.top;
    for (const a of boxes) for (const b of boxes) assert.ok(a === b || holds(a, b) || holds(b, a) || apart(a, b));
  });
});
