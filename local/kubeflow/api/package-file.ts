import { gunzipSync } from "node:zlib";
import { parseAllDocuments } from "yaml";
import { fromBuffer, type Entry, type ZipFile } from "yauzl";
import type { JsonObject, PipelinePackage } from "../model";
import { invalid } from "./errors";

/** Of a packed file and of what comes out of it; the original's limit. */
export const LARGEST_PACKAGE_BYTES = 32 * 1024 * 1024;

/** A compiled pipeline as a user has it on disk: YAML (or JSON), or a zip or tar.gz with one such file. */
export async function readPackageFile(name: string, content: Buffer): Promise<PipelinePackage> {
  try {
    return parsePackage((await unpack(content)).toString("utf8"));
  } catch (error) {
    throw invalid(`The pipeline file "${name}" cannot be read: ${(error as Error).message}`);
  }
}

/** Both documents of a compiled pipeline. @throws Error saying what is missing */
export function parsePackage(yaml: string): PipelinePackage {
  const documents = parseAllDocuments(yaml);
  if (!Array.isArray(documents)) throw new Error("it is empty");
  const values = documents.map((document): unknown => {
    if (document.errors[0]) throw new Error(document.errors[0].message);
    return document.toJS() as unknown;
  });
  const objects = values.filter((value) => value !== null);
  if (!objects.every(isObject)) throw new Error("it holds something else than the two documents of a pipeline");
  const [pipelineSpec, platformSpec, ...more] = objects;
  if (!pipelineSpec) throw new Error("it is empty");
  if (more.length > 0) throw new Error(`it holds ${objects.length} documents; a pipeline and its platforms are two`);
  return packageOf(pipelineSpec, platformSpec);
}

/** A package as requests and answers have it: the IR itself, or both documents under their names. */
export function packageOfJson(json: JsonObject): PipelinePackage {
  const { pipeline_spec: wrapped, platform_spec: platforms } = json;
  if (wrapped === undefined) return packageOf(json, undefined);
  const unknown = Object.keys(json).filter((key) => key !== "pipeline_spec" && key !== "platform_spec");
  if (unknown.length > 0) throw invalid(`pipeline_spec has "${unknown[0]}" beside pipeline_spec and platform_spec.`);
  if (!isObject(wrapped)) throw invalid("pipeline_spec.pipeline_spec is not an object.");
  if (platforms !== undefined && !isObject(platforms)) throw invalid("pipeline_spec.platform_spec is not an object.");
  return packageOf(wrapped, platforms);
}

/** The opposite of `packageOfJson`. */
export function jsonOfPackage({ pipelineSpec, platformSpec }: PipelinePackage): JsonObject {
  return platformSpec ? { pipeline_spec: pipelineSpec, platform_spec: platformSpec } : pipelineSpec;
}

/** Name that a compiled pipeline gives itself. */
export function pipelineNameOf({ pipelineSpec }: PipelinePackage): string {
  const { pipelineInfo } = pipelineSpec;
  const name = isObject(pipelineInfo) ? pipelineInfo.name : undefined;
  if (typeof name !== "string")
    throw invalid("The pipeline has no pipelineInfo.name. Compile it with the Kubeflow SDK.");
  return name;
}

function packageOf(pipelineSpec: JsonObject, platformSpec: JsonObject | undefined): PipelinePackage {
  // The client sends an empty one where a file has a second document that configures nothing.
  const { platforms } = platformSpec ?? {};
  const configured = isObject(platforms) && Object.keys(platforms).length > 0;
  return configured && platformSpec ? { pipelineSpec, platformSpec } : { pipelineSpec };
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function unpack(content: Buffer): Promise<Buffer> {
  if (content.subarray(0, 4).equals(Buffer.from("PK\x03\x04", "latin1"))) return unzip(content);
  if (content.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b])))
    return untar(gunzipSync(content, { maxOutputLength: LARGEST_PACKAGE_BYTES }));
  return content;
}

const YAML_NAME = /\.ya?ml$/i;

/** The only YAML file of a tar, or the one named pipeline.yaml. */
function untar(archive: Buffer): Buffer {
  const files: { path: string; content: Buffer }[] = [];
  const field = (start: number, length: number) =>
    (archive.toString("utf8", start, start + length).split("\0")[0] ?? "").trim();
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0;) {
    const bytes = parseInt(field(at + 124, 12), 8);
    const [begin, path] = [at + 512, field(at, 100)];
    if (!(bytes >= 0) || begin + bytes > archive.length) throw new Error("its tar archive is cut off");
    if (YAML_NAME.test(path)) files.push({ path, content: archive.subarray(begin, begin + bytes) });
    at = begin + Math.ceil(bytes / 512) * 512;
  }
  const found = files[onlyOne(files.map(({ path }) => path))];
  return found?.content ?? Buffer.alloc(0);
}

/** The only YAML file of a zip, or the one named pipeline.yaml. */
async function unzip(content: Buffer): Promise<Buffer> {
  const zip = await new Promise<ZipFile>((done, fail) => {
    fromBuffer(content, { lazyEntries: true }, (error, opened) => (error ? fail(error) : done(opened)));
  });
  const entries = await new Promise<Entry[]>((done, fail) => {
    const all: Entry[] = [];
    zip.on("entry", (entry: Entry) => {
      all.push(entry);
      zip.readEntry();
    });
    zip.once("end", () => done(all));
    zip.once("error", fail);
    zip.readEntry();
  });
  const files = entries.filter(({ fileName }) => YAML_NAME.test(fileName));
  const entry = files[onlyOne(files.map(({ fileName }) => fileName))];
  if (!entry || entry.uncompressedSize > LARGEST_PACKAGE_BYTES) throw new Error("what it holds is larger than 32 MiB");
  return new Promise<Buffer>((done, fail) => {
    zip.openReadStream(entry, (error, stream) => {
      if (error) return fail(error);
      // yauzl itself ends the stream with an error where more bytes come out than the entry promises.
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("error", fail);
      stream.once("end", () => done(Buffer.concat(chunks)));
    });
  });
}

function onlyOne(paths: readonly string[]): number {
  if (paths.length === 0) throw new Error("the archive holds no .yaml file");
  const named = paths.findIndex((path) => /(^|\/)pipeline\.ya?ml$/i.test(path));
  if (named < 0 && paths.length > 1) throw new Error(`the archive holds ${paths.join(", ")}; name one pipeline.yaml`);
  return Math.max(named, 0);
}
