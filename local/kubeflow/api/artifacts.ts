import type { FastifyInstance } from "fastify";
import type { Artifact, ArtifactReader, Store } from "../model";
import type { Backend } from "./backend";
import { countOf, paramOf, queryOf, splitTarget } from "./calls";
import { ApiError, invalid, notFound } from "./errors";
import type { ArtifactPreviewMessage } from "./messages";
import { taskOf } from "./runs";
import { artifactMessage } from "./shapes/task";

const PREVIEW_BYTES = 64 * 1024;
const LARGEST_PREVIEW_BYTES = 1024 * 1024;
/** The original's answer holds the whole content in one text. */
const LARGEST_READ_BYTES = 16 * 1024 * 1024;
/** Of a directory with more files the first are shown. */
const MOST_ENTRIES = 1000;

export function artifactRoutes(app: FastifyInstance, backend: Backend): void {
  const { store } = backend;
  const artifacts = withReasons(backend.artifacts);

  app.get("/artifacts/:target", async (request, reply) => {
    const [id, verb] = splitTarget(paramOf(request, "target"));
    const artifact = artifactOf(store, id);
    const query = queryOf(request);
    if (verb === "") return artifactMessage(artifact);
    if (verb === "preview") return preview(artifacts, artifact, query.path, countOf("bytes", query.bytes));
    if (verb !== "download") throw new ApiError(5, "Not Found");
    const entry = await entryOf(artifacts, artifact, query.path);
    const name = (entry.path || artifact.uri).split("/").pop() ?? "";
    // Written by a step: a browser must neither guess its type nor run it as this server's.
    return reply
      .type("application/octet-stream")
      .header("content-length", entry.bytes)
      .header("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(name)}`)
      .header("content-security-policy", "sandbox")
      .header("x-content-type-options", "nosniff")
      .send(await artifacts.read(artifact.uri, entry.path));
  });

  app.get("/runs/:run/nodes/:node/artifacts/:target", async (request) => {
    const [name, verb] = splitTarget(paramOf(request, "target"));
    if (verb !== "read") throw new ApiError(5, "Not Found");
    const { id, outputs } = taskOf(store, paramOf(request, "run"), paramOf(request, "node"));
    const artifact = Object.hasOwn(outputs.artifacts, name) ? outputs.artifacts[name]?.[0] : undefined;
    if (!artifact) throw notFound("Artifact", `"${name}" of task ${id}`);
    const entry = await entryOf(artifacts, artifact, queryOf(request).path);
    if (entry.bytes > LARGEST_READ_BYTES)
      throw invalid(`${artifact.uri} has ${entry.bytes} bytes; use /artifacts/${artifact.id}:download.`);
    const content = await collect(await artifacts.read(artifact.uri, entry.path));
    return { data: content.toString("base64") };
  });
}

async function preview(
  artifacts: ArtifactReader,
  artifact: Artifact,
  path: string | undefined,
  bytes = PREVIEW_BYTES,
): Promise<ArtifactPreviewMessage> {
  const all = await artifacts.list(artifact.uri);
  const entries = all.slice(0, MOST_ENTRIES).map((entry) => ({ path: entry.path, bytes: String(entry.bytes) }));
  const [first] = all;
  if (!first) return { entries };
  if (path === undefined && all.length > 1) return { entries };
  const shown = await entryOf(artifacts, artifact, path);
  const limit = Math.min(bytes, LARGEST_PREVIEW_BYTES);
  const content = await collect(await artifacts.read(artifact.uri, shown.path, limit));
  const truncated = shown.bytes > content.length;
  const text = textOf(content, truncated);
  return { entries, path: shown.path, ...(text === undefined ? { binary: true } : { text, truncated }) };
}

/** Refuses what does not lie in object storage, and says so where that does not answer. */
function withReasons(artifacts: ArtifactReader): ArtifactReader {
  const asked = async <T>(uri: string, ask: () => Promise<T>): Promise<T> => {
    if (!uri.startsWith("s3://")) throw invalid(`${uri} does not lie in object storage; it can only be seen there.`);
    return ask().catch((error: unknown) => {
      throw new ApiError(14, (error as Error).message);
    });
  };
  return {
    list: (uri) => asked(uri, () => artifacts.list(uri)),
    read: (uri, path, bytes) => asked(uri, () => artifacts.read(uri, path, bytes)),
  };
}

/** The only file of an artifact, or the one at this path in its directory. @throws ApiError */
async function entryOf(artifacts: ArtifactReader, { id, uri }: Artifact, path: string | undefined) {
  const entries = await artifacts.list(uri);
  const found = path === undefined ? entries[0] : entries.find((entry) => entry.path === path);
  if (path === undefined && entries.length > 1)
    throw invalid(`Artifact ${id} is a directory of ${entries.length} files. Name one by ?path=.`);
  if (!found) throw new ApiError(5, `Nothing lies at ${uri}${path ? `/${path}` : ""}.`);
  return found;
}

/** @throws ApiError */
function artifactOf(store: Store, id: string): Artifact {
  for (const { inputs, outputs } of store.tasks.all()) {
    for (const list of [...Object.values(outputs.artifacts), ...Object.values(inputs.artifacts)]) {
      const found = list.find((artifact) => artifact.id === id);
      if (found) return found;
    }
  }
  throw notFound("Artifact", id);
}

/** Undefined for what is not UTF-8; a letter that the limit cut in two does not count. */
function textOf(content: Buffer, truncated: boolean): string | undefined {
  if (content.includes(0)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(content, { stream: truncated });
  } catch {
    return undefined;
  }
}

async function collect(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
