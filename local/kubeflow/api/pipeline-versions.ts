import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { NewVersion } from "../catalog/catalog";
import type { Backend } from "./backend";
import { paramOf, queryOf } from "./calls";
import { invalid } from "./errors";
import { checkPackage } from "./new-run";
import { packageOfJson } from "./package-file";
import { page } from "./paging";
import { ignored, jsonObject, parseBody, tags } from "./requests";
import { VERSION_FIELDS, versionMessage } from "./shapes/pipeline";

export const versionSchema = z.strictObject({
  name: z.string().optional(),
  display_name: z.string().optional(),
  description: z.string().optional(),
  code_source_url: z.string().optional(),
  pipeline_spec: jsonObject.optional(),
  package_url: z.strictObject({ pipeline_url: z.string().optional() }).optional(),
  tags: tags.optional(),
  ...ignored("pipeline_id", "pipeline_version_id", "created_at", "error"),
});

export function pipelineVersionRoutes(app: FastifyInstance, backend: Backend): void {
  const { catalog } = backend;
  const path = "/pipelines/:pipeline/versions";

  app.get(path, async (request) => {
    const pipeline = await catalog.pipeline(paramOf(request, "pipeline"));
    const { items, totalSize, nextPageToken } = page(
      await catalog.versions(pipeline.id),
      queryOf(request),
      VERSION_FIELDS,
      ({ id }) => id,
    );
    if (totalSize === 0) return {};
    return { pipeline_versions: items.map(versionMessage), total_size: totalSize, next_page_token: nextPageToken };
  });

  app.get(`${path}/:version`, async (request) =>
    versionMessage(await catalog.version(paramOf(request, "pipeline"), paramOf(request, "version"))),
  );

  app.post(path, async (request) => {
    const version = newVersion(parseBody(versionSchema, request.body));
    checkPackage(backend, version.package);
    return versionMessage(await catalog.createVersion(paramOf(request, "pipeline"), version));
  });

  app.patch(`${path}/:version`, async (request) => {
    const { display_name: displayName, tags, ...rest } = parseBody(versionSchema, request.body);
    const fixed = (["name", "description", "code_source_url", "pipeline_spec", "package_url"] as const).find(
      (field) => rest[field] !== undefined,
    );
    if (fixed) throw invalid(`The ${fixed} of a version cannot change. Make a new version.`);
    const [pipeline, version] = [paramOf(request, "pipeline"), paramOf(request, "version")];
    return versionMessage(await catalog.changeVersion(pipeline, version, { displayName, tags }));
  });

  app.delete(`${path}/:version`, async (request) => {
    await catalog.deleteVersion(paramOf(request, "pipeline"), paramOf(request, "version"));
    return {};
  });
}

export function newVersion(message: z.infer<typeof versionSchema>): NewVersion {
  const { name, display_name: displayName, description, code_source_url: codeSourceUrl, tags } = message;
  if (!name) throw invalid("The pipeline version has no name.");
  // To fetch what a caller names would let anybody use this server's way into the network.
  if (message.package_url?.pipeline_url)
    throw invalid("package_url is not fetched. Upload the file, or send its content as pipeline_spec.");
  if (!message.pipeline_spec) throw invalid("The pipeline version has no pipeline_spec.");
  return { name, displayName, description, codeSourceUrl, tags, package: packageOfJson(message.pipeline_spec) };
}
