import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../../pipelines/sdk/compile";
import { findPipeline } from "../../../pipelines/sdk/cli/find";
import { picture } from "../../../pipelines/sdk/cli/picture";
import { outline, taskTree } from "../../../pipelines/sdk/cli/task-tree";
import { essay } from "./document/essay";
import { essays, summary } from "./document/essays";

const ROOT = join(__dirname, "../../..");
const DOCS = join(ROOT, "docs");
const SAMPLES = join(__dirname, "document");

describe("docs/pipelines.md", () => {
  const text = readFileSync(join(DOCS, "pipelines.md"), "utf8");
  const blocks = (language: string) =>
    [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, "gm"))].map(([, block = ""]) => block);

  it("shows code that compiles: each block stands in a program of these tests", () => {
    const flush = (code: string) => code.replaceAll(/^ +/gm, "");
    const programs = readdirSync(SAMPLES).map((file) => flush(readFileSync(join(SAMPLES, file), "utf8")));

    assert.equal(blocks("ts").length, 5);
    for (const block of blocks("ts"))
      assert.ok(
        programs.some((program) => program.includes(flush(block))),
        block,
      );
    assert.ok(blocks("ts")[0]!.trim().split("\n").length <= 10, "it is called a ten-line example");
  });

  it("shows pipelines that do what it says", () => {
    const { root } = compile(essay).pipelineSpec as unknown as { root: { outputDefinitions: unknown } };

    assert.deepEqual(root.outputDefinitions, { parameters: { words: { parameterType: "NUMBER_INTEGER" } } });
    assert.deepEqual(outline(taskTree(compile(essays))), [
      "├ exit-handler-1",
      "│ └ for-loop-1  for each of texts",
      "│   ├ count",
      "│   └ condition-1  if count.words >= least  ← count",
      "│     └ print",
      "└ tell  however that ended  ← exit-handler-1",
    ]);
    assert.deepEqual(Object.keys(summary.definition.outputs), ["text"]);
  });

  it("has the picture that its command draws", async () => {
    const compiled = compile(await findPipeline(join(ROOT, "pipelines"), "books"));

    assert.match(text, /npm run pipelines -- graph books --output docs\/pipelines-books\.svg/);
    assert.equal(
      readFileSync(join(DOCS, "pipelines-books.svg"), "utf8"),
      picture(compiled.displayName ?? compiled.name, taskTree(compiled)),
      "run the command that stands below the picture",
    );
  });

  it("quotes errors as they are", () => {
    const tests = readFileSync(join(__dirname, "errors.test.ts"), "utf8");
    const quoted = blocks("text").flatMap((block) => block.trim().split("\n"));

    assert.equal(quoted.length, 3);
    for (const line of quoted) assert.ok(tests.includes(line), line);
  });
});
