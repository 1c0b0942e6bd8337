import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { NewPipeline } from "../catalog/catalog";
import type { Backend } from "./backend";
import { paramOf, queryOf } from "./calls";
import { invalid } from "./errors";
import { checkPackage } from "./new-run";
import { page } from "./paging";
import { newVersion, versionSchema } from "./pipeline-versions";
import { ignored, parseBody, tags } from "./requests";
import { PIPELINE_FIELDS, pipelineMessage } from "./shapes/pipeline";

const schema = z.strictObject({
  name: z.string().optional(),
  display_name: z.string().optional(),
  description: z.string().optional(),
  tags: tags.optional(),
  ...ignored("pipeline_id", "created_at", "namespace", "error"),
});

export function pipelineRoutes(app: FastifyInstance, backend: Backend): void {
  const { catalog } = backend;

  app.get("/pipelines", async (request) => {
    const { items, totalSize, nextPageToken } = page(
      await catalog.pipelines(),
      queryOf(request),
      PIPELINE_FIELDS,
      ({ id }) => id,
    );
    if (totalSize === 0) return {};
    return { pipelines: items.map(pipelineMessage), total_size: totalSize, next_page_token: nextPageToken };
  });

  app.get("/pipelines/:pipeline", async (request) =>
    pipelineMessage(await catalog.pipeline(paramOf(request, "pipeline"))),
  );
  app.get("/pipelines/names/:name", async (request) =>
    pipelineMessage(await catalog.pipelineNamed(paramOf(request, "name"))),
  );

  app.post("/pipelines", async (request) =>
    pipelineMessage(await catalog.createPipeline(newPipeline(parseBody(schema, request.body)))),
  );

  app.post("/pipelines/create", async (request) => {
    const both = z.strictObject({ pipeline: schema, pipeline_version: versionSchema });
    const { pipeline, pipeline_version } = parseBody(both, request.body);
    const wanted = newPipeline(pipeline);
    const version = newVersion({ name: wanted.name, ...pipeline_version });
    checkPackage(backend, version.package);
    return pipelineMessage(await createBoth(backend, wanted, version));
  });

  app.patch("/pipelines/:pipeline", async (request) => {
    const { display_name: displayName, description, tags } = parseBody(schema, request.body);
    const changes = { displayName, description, tags };
    return pipelineMessage(await catalog.changePipeline(paramOf(request, "pipeline"), changes));
  });

  app.delete("/pipelines/:pipeline", async (request) => {
    await catalog.deletePipeline(paramOf(request, "pipeline"), queryOf(request).cascade === "true");
    return {};
  });
}

/** A pipeline with its first version; none at all where the version is refused. */
export async function createBoth(
  { catalog }: Pick<Backend, "catalog">,
  pipeline: NewPipeline,
  version: ReturnType<typeof newVersion>,
) {
  const made = await catalog.createPipeline(pipeline);
  try {
    await catalog.createVersion(made.id, version);
  } catch (error) {
    await catalog.deletePipeline(made.id, true);
    throw error;
  }
  return made;
}

function newPipeline({ name, display_name: displayName, description, tags }: z.infer<typeof schema>): NewPipeline {
  if (!name) throw invalid("The pipeline has no name.");
  return { name, displayName, description, tags };
}
