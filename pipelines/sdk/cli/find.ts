import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { AnyPipeline } from "../pipeline";

/**
 * A folder below `pipelines/` with an `example.ts` is a pipeline: that file exports `example`, which gives the pipeline
 * with stand-ins for what the stack hands to it (images, claims, thresholds).
 */
interface Example {
  readonly example?: () => AnyPipeline | Promise<AnyPipeline>;
}

/** Names of all pipelines below a folder. */
export function pipelineNames(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(folder, entry.name, "example.ts")))
    .map(({ name }) => name)
    .sort();
}

/** @throws Error that lists the names there are */
export async function findPipeline(folder: string, name: string): Promise<AnyPipeline> {
  const names = pipelineNames(folder);
  if (!names.includes(name))
    throw new Error(`There is no pipeline "${name}". There are: ${names.join(", ") || "none"}.`);
  const { example } = (await import(join(folder, name, "example"))) as Example;
  if (typeof example !== "function")
    throw new Error(`${join(folder, name, "example.ts")} exports no function "example". It must give the pipeline.`);
  return example();
}
