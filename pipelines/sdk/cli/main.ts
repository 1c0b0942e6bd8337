import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { compile } from "../compile";
import { findPipeline, pipelineNames } from "./find";
import { picture } from "./picture";
import { outline, taskTree } from "./task-tree";

const PIPELINES = join(__dirname, "../..");

const program = new Command("npm run pipelines --")
  .description("What the pipelines of this project compile to, with stand-ins for what a stack hands to them.")
  .addHelpText("after", () => `\nPipelines: ${pipelineNames(PIPELINES).join(", ")}`)
  .showHelpAfterError();

program
  .command("compile <name>")
  .description("the pipeline in the format of Kubeflow Pipelines 2.17 (IR and platform document, YAML)")
  .option("-o, --output <file>", "write it there and not to the terminal")
  .action(async (name: string, { output }: { output?: string }) => {
    const { yaml, digest } = compile(await findPipeline(PIPELINES, name));
    emit(yaml, output);
    if (output !== undefined) console.log(`${output}: sha256 ${digest}`);
  });

program
  .command("graph <name>")
  .description("the steps and what they wait for, as an outline; a picture where the file ends in .svg")
  .option("-o, --output <file>", "write it there and not to the terminal")
  .action(async (name: string, { output }: { output?: string }) => {
    const compiled = compile(await findPipeline(PIPELINES, name));
    const tasks = taskTree(compiled);
    const title = compiled.displayName ?? compiled.name;
    emit(output?.endsWith(".svg") ? picture(title, tasks) : `${[title, ...outline(tasks)].join("\n")}\n`, output);
  });

function emit(text: string, output: string | undefined): void {
  if (output === undefined) process.stdout.write(text);
  else writeFileSync(output, text);
}

program.parseAsync().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
