import { constants } from "node:fs";
import { lstat, open, readdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { coerce, parseOutput } from "../engine/coerce";
import type { Artifact, JsonObject } from "../model";
import type { ContainerComponent } from "../ir/pipeline";
import { faultsOf, json, struct } from "../ir/wire";
import { outputFile } from "../engine/rendering";
import type { Staging } from "./staging";

/** A step that ended well but did not leave what it promised; `reason` is one word, the message a sentence. */
export class OutputError extends Error {
  constructor(
    readonly reason: "OutputMissing" | "OutputInvalid",
    message: string,
  ) {
    super(message);
  }
}

/** A parameter travels through the store and in commands: what is larger belongs into an artifact. */
const LARGEST_PARAMETER_BYTES = 1024 * 1024;
const LARGEST_METADATA_BYTES = 16 * 1024 * 1024;

const executorOutput = z.strictObject({
  parameterValues: z.record(z.string(), json).optional(),
  artifacts: z
    .record(
      z.string(),
      z.strictObject({
        artifacts: z
          .array(
            z.strictObject({
              name: z.string().optional(),
              uri: z.string().optional(),
              type: z
                .strictObject({ schemaTitle: z.string().optional(), schemaVersion: z.string().optional() })
                .optional(),
              metadata: struct.optional(),
            }),
          )
          .max(1, { error: "must have one artifact" }),
      }),
    )
    .optional(),
});
type ExecutorOutput = z.infer<typeof executorOutput>;

export interface Collected {
  readonly parameters: JsonObject;
  readonly artifacts: readonly CollectedArtifact[];
}

export interface CollectedArtifact {
  readonly output: string;
  readonly artifact: Artifact;
  /** Where its content is; absent where the step wrote none. */
  readonly path?: string;
}

/**
 * Reads what a step left: parameters by their types, the file that says more of its outputs, artifacts.
 * @param promised the artifacts as they were announced to the step, by output
 * @param metadataFile address of the file in which a step may say more
 * @throws OutputError
 */
export async function collect(
  component: ContainerComponent,
  staging: Staging,
  promised: Readonly<Record<string, Artifact>>,
  metadataFile: string,
): Promise<Collected> {
  const said = await executorOutputOf(staging, metadataFile, component);
  const parameters: JsonObject = {};
  for (const [name, type] of Object.entries(component.outputParameters)) {
    const value = said.parameterValues?.[name];
    try {
      parameters[name] =
        value !== undefined && value !== null
          ? coerce(value, type)
          : parseOutput(await parameterText(join(staging.outputs, name), name), type);
    } catch (error) {
      if (error instanceof OutputError) throw error;
      const message = `The output parameter "${name}" that the step wrote is wrong: ${(error as Error).message}.`;
      throw new OutputError("OutputInvalid", message);
    }
  }
  const artifacts: CollectedArtifact[] = [];
  for (const [output, artifact] of Object.entries(promised)) {
    const { name, uri, metadata } = said.artifacts?.[output]?.artifacts[0] ?? {};
    const path = staging.pathOf(artifact.uri);
    const written = await safePath(path, staging, output);
    const told = { name: name || artifact.name, uri: uri || artifact.uri, metadata: metadata ?? artifact.metadata };
    artifacts.push({ output, artifact: { ...artifact, ...told }, path: written ? path : undefined });
  }
  return { parameters, artifacts };
}

async function executorOutputOf(
  staging: Staging,
  address: string,
  component: ContainerComponent,
): Promise<ExecutorOutput> {
  const text = await readSmall(staging.pathOf(address), LARGEST_METADATA_BYTES);
  if (text === undefined) return {};
  const wrong = (problem: string) =>
    new OutputError("OutputInvalid", `The step wrote output_metadata.json, but ${problem}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw wrong(`it is not JSON: ${(error as Error).message}`);
  }
  const read = executorOutput.safeParse(value);
  if (!read.success)
    throw wrong(
      faultsOf(read.error)
        .map(({ path, problem }) => `${path} ${problem}`)
        .join("; "),
    );
  for (const name of Object.keys(read.data.parameterValues ?? {}))
    if (!(name in component.outputParameters)) throw wrong(`component "${component.name}" has no output "${name}"`);
  for (const name of Object.keys(read.data.artifacts ?? {}))
    if (!(name in component.outputArtifacts)) throw wrong(`component "${component.name}" has no artifact "${name}"`);
  return read.data;
}

async function parameterText(file: string, name: string): Promise<string> {
  const text = await readSmall(file, LARGEST_PARAMETER_BYTES);
  if (text === undefined)
    throw new OutputError(
      "OutputMissing",
      `The step ended without writing its output parameter "${name}" to ${outputFile(name)}.`,
    );
  return text;
}

/** A file's text; undefined where there is none. Never through a link, which could lead out of the step's folder. */
async function readSmall(file: string, limit: number): Promise<string | undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    const problem = error.code === "ELOOP" ? "is a link" : error.message;
    throw new OutputError("OutputInvalid", `A file that the step wrote, ${file.split("/").at(-1) ?? ""}, ${problem}.`);
  });
  if (!handle) return undefined;
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.size > limit)
      throw new OutputError(
        "OutputInvalid",
        `What the step wrote as ${file.split("/").at(-1) ?? ""} is no file, or larger than ${limit} bytes: use an artifact.`,
      );
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}

/** Whether there is content at a path. @throws OutputError where a link leads out of what the step may read */
async function safePath(path: string, staging: Staging, output: string): Promise<boolean> {
  const status = await lstat(path).catch(() => undefined);
  if (!status) return false;
  const root = await realpath(staging.artifacts);
  const check = async (each: string): Promise<void> => {
    const found = await lstat(each);
    if (found.isSymbolicLink()) {
      const target = await realpath(each).catch(() => "");
      if (!target.startsWith(`${root}/`) || !(await lstat(target)).isFile())
        throw new OutputError("OutputInvalid", `The output artifact "${output}" has a link to no file of the step.`);
    }
    if (found.isDirectory()) for (const name of await readdir(each)) await check(join(each, name));
  };
  await check(path);
  return true;
}
