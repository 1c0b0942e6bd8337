import { fastify, type FastifyInstance } from "fastify";
import { artifactRoutes } from "./artifacts";
import type { Backend } from "./backend";
import { ApiError, invalid } from "./errors";
import { experimentOrDefault, experimentRoutes } from "./experiments";
import { healthRoutes } from "./health";
import { pipelineVersionRoutes } from "./pipeline-versions";
import { pipelineRoutes } from "./pipelines";
import { recurringRunRoutes } from "./recurring-runs";
import { runRoutes } from "./runs";
import { uploadRoutes } from "./uploads";

/** Compiled pipelines come in bodies; those of a thousand steps have a few megabytes. */
const LARGEST_BODY_BYTES = 16 * 1024 * 1024;

/** The REST API of Kubeflow Pipelines; the caller listens and closes, and may add routes of its own. */
export async function createApi(backend: Backend): Promise<FastifyInstance> {
  await experimentOrDefault(backend.store, undefined, backend.now());
  const app = fastify({
    bodyLimit: LARGEST_BODY_BYTES,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 512 },
  });
  readsJson(app);

  app.setErrorHandler((error: Error & { readonly statusCode?: number }, { method, url }, reply) => {
    const refusal = refusalOf(error);
    // A refusal of ours says all there is; only what was not foreseen needs its origin.
    const said = error instanceof ApiError ? error.message : (error.stack ?? error.message);
    if (refusal.status >= 500) backend.report(`${method} ${url}: ${said}`);
    return reply.code(refusal.status).send(refusal.body);
  });
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ code: 5, message: "Not Found" }));

  healthRoutes(app);
  const routes = [
    pipelineRoutes,
    pipelineVersionRoutes,
    experimentRoutes,
    runRoutes,
    recurringRunRoutes,
    artifactRoutes,
  ];
  for (const add of [...routes, uploadRoutes])
    await app.register(
      (scope, _options, done) => {
        add(scope, backend);
        done();
      },
      { prefix: "/apis/v2beta1" },
    );
  return app;
}

/** Whatever the content type says: clients send it, or none, with and without a body. */
function readsJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => {
    const text = body.toString();
    try {
      done(null, text.trim() === "" ? undefined : (JSON.parse(text) as unknown));
    } catch {
      done(invalid("The request's body is not JSON."));
    }
  });
}

function refusalOf(error: Error & { readonly statusCode?: number }): ApiError {
  if (error instanceof ApiError) return error;
  const own = error.statusCode !== undefined && error.statusCode < 500;
  return own ? invalid(error.message) : new ApiError(13, `Internal error: ${error.message}`);
}
