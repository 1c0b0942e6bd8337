import type { FastifyInstance, FastifyRequest } from "fastify";
import type { PipelinePackage } from "../model";
import type { Backend } from "./backend";
import { queryOf } from "./calls";
import { ApiError, invalid } from "./errors";
import { checkPackage } from "./new-run";
import { LARGEST_PACKAGE_BYTES, pipelineNameOf, readPackageFile } from "./package-file";
import { createBoth } from "./pipelines";
import { tags } from "./requests";
import { pipelineMessage, versionMessage } from "./shapes/pipeline";

/** The largest file, and what a form puts around it. */
const LARGEST_FORM_BYTES = LARGEST_PACKAGE_BYTES + 64 * 1024;

/** Files of compiled pipelines; the errors of these two have a form of their own. */
export function uploadRoutes(app: FastifyInstance, backend: Backend): void {
  const { catalog } = backend;
  app.addContentTypeParser(
    "multipart/form-data",
    { parseAs: "buffer", bodyLimit: LARGEST_FORM_BYTES },
    (_request, body, done) => done(null, body),
  );
  app.setErrorHandler((error: Error & { readonly statusCode?: number }, _request, reply) => {
    const status = error instanceof ApiError ? error.status : (error.statusCode ?? 500);
    if (status >= 500) backend.report(`upload: ${error.stack ?? error.message}`);
    return reply.code(status).send({ error_message: error.message, error_details: error.message });
  });

  app.post("/pipelines/upload", async (request) => {
    const query = queryOf(request);
    const content = await uploaded(backend, request);
    const name = query.name || pipelineNameOf(content);
    const about = {
      name,
      displayName: query.display_name || name,
      description: query.description || undefined,
      tags: tagsOf(query.tags),
    };
    const version = { ...about, tags: undefined, codeSourceUrl: query.code_source_url || undefined, package: content };
    return pipelineMessage(await createBoth(backend, about, version));
  });

  app.post("/pipelines/upload_version", async (request) => {
    const query = queryOf(request);
    if (!query.pipelineid) throw invalid("The query has no pipelineid.");
    const content = await uploaded(backend, request);
    const name = query.name || pipelineNameOf(content);
    const version = await catalog.createVersion(query.pipelineid, {
      name,
      displayName: query.display_name || name,
      description: query.description || undefined,
      codeSourceUrl: query.code_source_url || undefined,
      tags: tagsOf(query.tags),
      package: content,
    });
    return versionMessage(version);
  });
}

/** The part `uploadfile` of the form, read and accepted by the engine. */
async function uploaded(backend: Backend, request: FastifyRequest): Promise<PipelinePackage> {
  const type = request.headers["content-type"] ?? "";
  if (!(request.body instanceof Buffer) || !type.startsWith("multipart/form-data"))
    throw invalid("Send the pipeline as multipart/form-data with one part named uploadfile.");
  const form = await new Response(request.body, { headers: { "content-type": type } }).formData().catch(() => {
    throw invalid("The multipart form cannot be read.");
  });
  const file = form.get("uploadfile");
  if (!(file instanceof File)) throw invalid('The form has no file in a part named "uploadfile".');
  const content = await readPackageFile(file.name, Buffer.from(await file.arrayBuffer()));
  checkPackage(backend, content);
  return content;
}

function tagsOf(given: string | undefined) {
  if (!given) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(given);
  } catch {
    value = undefined;
  }
  const parsed = tags.safeParse(value);
  if (!parsed.success) throw invalid(`tags "${given}" must be a JSON object of texts, such as {"team":"books"}.`);
  return parsed.data;
}
