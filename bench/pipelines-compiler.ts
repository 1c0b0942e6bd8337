import { cpus } from "node:os";
import { table } from "../local/cli/table";
import { example } from "../pipelines/books/example";
import { component } from "../pipelines/sdk/component";
import { compile } from "../pipelines/sdk/compile";
import { forEach } from "../pipelines/sdk/control";
import { type AnyPipeline, pipeline } from "../pipelines/sdk/pipeline";
import { integer, string } from "../pipelines/sdk/types";

/** Time from a pipeline's function to the compiled file, as a deploy spends it in every preview. */

const STEPS = 1000;
const RUNS = 25;

const say = component({
  name: "say",
  inputs: { text: string() },
  outputs: { said: string() },
  image: "registry.example/say:1",
  command: ["say"],
  args: ({ inputs, outputs }) => [inputs.text, outputs.said.path],
});

/** Each takes what the one before made. */
const chain = () =>
  pipeline("chain", () => {
    let text = say({ text: "x" }).outputs.said;
    for (let step = 1; step < STEPS; step++) text = say({ text }).outputs.said;
    return { text };
  });

/** No two steps are alike, so each has a component of its own. */
const different = () =>
  pipeline("different", () => {
    for (let step = 0; step < STEPS; step++)
      say({ text: "x" }, { image: `registry.example/say:${step}`, nodeSelector: { pool: "cpu" } });
  });

/** A hundred loops of ten steps. */
const loops = () =>
  pipeline("loops", () => {
    for (let loop = 0; loop < STEPS / 10; loop++)
      forEach([1, 2], { item: integer() }, () => {
        for (let step = 0; step < 10; step++) say({ text: `step ${step}` });
      });
  });

function main(): void {
  // What a stack pays is the first time, with nothing compiled by the engine yet.
  const first = milliseconds(example);
  const rows = [
    ["figure", "measured", "goal"],
    ["books, first time in a process", `${first.toFixed(1)} ms`, "≤ 20 ms"],
    ["books, again", spread(example), "≤ 20 ms"],
    ["1,000 steps in a chain", spread(chain), "≤ 1 s"],
    ["1,000 steps, no two alike", spread(different), "≤ 1 s"],
    ["100 loops of 10 steps", spread(loops), "≤ 1 s"],
    ...Object.entries({ chain, different, loops }).map(([name, write]) => [
      `  size of the file, ${name}`,
      `${Math.ceil(compile(write()).yaml.length / 1024)} KiB`,
      "",
    ]),
  ];
  console.log(table(rows).join("\n"));
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`);
  console.log(`median (least to most) of ${RUNS} runs; by npm run bench -- pipelines-compiler`);
}

function milliseconds(write: () => AnyPipeline): number {
  const started = performance.now();
  compile(write());
  return performance.now() - started;
}

function spread(write: () => AnyPipeline): string {
  const times = Array.from({ length: RUNS }, () => milliseconds(write)).sort((a, b) => a - b);
  const [least, median, most] = [times[0]!, times[Math.floor(RUNS / 2)]!, times.at(-1)!];
  return `${median.toFixed(1)} ms (${least.toFixed(1)} to ${most.toFixed(1)})`;
}

main();
