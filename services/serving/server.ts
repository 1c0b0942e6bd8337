import Fastify, { LogController, type FastifyError, type FastifyInstance, type FastifyRequest } from "fastify";
import { infer, modelMetadata } from "./inference";
import type { Kind, LoadedModel } from "./kind";
import { Metrics } from "./metrics";
import { ModelHolder } from "./model-holder";
import type { ModelSource } from "./model-source";
import { Refusal } from "./refusal";

export interface ServerOptions {
  readonly source: ModelSource;
  /** How often the source is asked. @default 2000 */
  readonly pollMilliseconds?: number;
  /** Bytes a request may have. @default 65536 */
  readonly bodyLimit?: number;
  /** Lines of JSON on standard output. @default true */
  readonly logs?: boolean;
}

export interface ModelServer {
  readonly app: FastifyInstance;
  /** Version being served; undefined before the first. */
  version(): string | undefined;
  /**
   * Ends without refusing anybody: first tells that it is not ready and asks clients to connect anew, for as long as
   * load balancers take to notice; then stops listening and finishes what has begun.
   */
  drain(noticeMilliseconds: number): Promise<void>;
}

const SERVER = { name: "serving", version: "1", extensions: [] };
const DEFAULT_BODY_LIMIT = 65_536;
const DEFAULT_POLL_MILLISECONDS = 2000;

/** The service of one kind of model, not yet listening; a model that is there has been loaded. */
export async function createServer<M extends LoadedModel>(kind: Kind<M>, options: ServerOptions): Promise<ModelServer> {
  const { source, bodyLimit = DEFAULT_BODY_LIMIT, logs = true } = options;
  const app = Fastify({
    bodyLimit,
    // One line per request would cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    logger: logs && { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1000 },
  });
  const metrics = new Metrics(kind.name);
  const models = new ModelHolder<M>(kind, source, eventsFor(app, metrics));
  const state = { draining: false };
  answerInJson(app);
  observe(app, metrics, state);
  health(app, models, state);
  inference(app, kind.name, models);
  kind.routes?.(app, () => loaded(models));
  app.get("/training", () => loaded(models).training);
  app.get("/metrics", async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  await models.watch(options.pollMilliseconds ?? DEFAULT_POLL_MILLISECONDS);
  return {
    app,
    version: () => models.current?.version,
    drain: async (notice) => {
      state.draining = true;
      models.stop();
      await new Promise((resolve) => setTimeout(resolve, notice));
      await app.close();
    },
  };
}

function eventsFor(app: FastifyInstance, metrics: Metrics) {
  return {
    loaded: ({ version, size }: LoadedModel, milliseconds: number) => {
      metrics.loads.inc({ result: "loaded" });
      metrics.version.reset();
      metrics.version.set({ version }, 1);
      metrics.size.set(size);
      app.log.info({ version, size, milliseconds: Math.round(milliseconds) }, "model loaded");
    },
    refused: (reason: string, serving: string | undefined) => {
      metrics.loads.inc({ result: "refused" });
      metrics.problem.set(1);
      app.log.error({ reason, serving: serving ?? "none" }, "model not loaded, the one before it stays");
    },
    mended: () => {
      metrics.problem.set(0);
      app.log.info("the model that should be served is served");
    },
  };
}

interface State {
  draining: boolean;
}

function answerInJson(app: FastifyInstance): void {
  // What is sent as plain text is no request of the protocol, even where it would parse.
  app.removeContentTypeParser("text/plain");
  app.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500 && !(error instanceof Refusal)) request.log.error({ err: error }, "request failed");
    const details = error instanceof Refusal ? error.details : {};
    return reply.code(status).send({ error: reasonOf(error, status, request), ...details });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `Nothing answers ${request.method} ${request.url.slice(0, 100)}.` }),
  );
}

function reasonOf(error: FastifyError | Refusal, status: number, { headers }: FastifyRequest): string {
  if (error instanceof Refusal) return error.message;
  if (status === 415) {
    const type = headers["content-type"];
    const found = type === undefined ? "The request has no content type" : `The content type is "${type.slice(0, 60)}"`;
    return `${found}; send JSON with the header "content-type: application/json".`;
  }
  return status >= 500 ? "The service failed; its log says why." : error.message;
}

function observe(app: FastifyInstance, metrics: Metrics, state: State): void {
  app.addHook("onRequest", (_request, reply, done) => {
    if (state.draining) void reply.header("connection", "close");
    done();
  });
  app.addHook("onResponse", (request, reply, done) => {
    const labels = { method: request.method, route: request.routeOptions.url ?? "none", status: reply.statusCode };
    metrics.requests.observe(labels, reply.elapsedTime / 1000);
    done();
  });
}

function health<M extends LoadedModel>(app: FastifyInstance, models: ModelHolder<M>, state: State): void {
  app.get("/v2/health/live", () => ({ live: true }));
  app.get("/v2/health/ready", (_request, reply) => {
    const ready = models.current !== undefined && !state.draining;
    return reply.code(ready ? 200 : 503).send({ ready, ...problemOf(models) });
  });
}

interface Named {
  Params: { name: string; version?: string };
}

function inference<M extends LoadedModel>(app: FastifyInstance, name: string, models: ModelHolder<M>): void {
  app.get("/v2", () => SERVER);
  // Each address exists with and without the version: it has to be the one being served.
  for (const path of ["/v2/models/:name", "/v2/models/:name/versions/:version"]) {
    app.get<Named>(path, ({ params }) => {
      checkName(params.name, name);
      return { ...modelMetadata(name, versioned(models, params.version)), ...problemOf(models) };
    });
    app.get<Named>(`${path}/ready`, ({ params }, reply) => {
      checkName(params.name, name);
      const ready = models.current !== undefined;
      if (ready) versioned(models, params.version);
      return reply.code(ready ? 200 : 503).send({ name, ready, ...problemOf(models) });
    });
    app.post<Named>(`${path}/infer`, ({ params, body }) => {
      checkName(params.name, name);
      return infer(name, versioned(models, params.version), body);
    });
  }
}

/** Why another model should be served than the one that is. */
function problemOf({ problem }: { readonly problem: string | undefined }) {
  return problem === undefined ? {} : { problem };
}

function checkName(asked: string, name: string): void {
  if (asked !== name) throw new Refusal(404, `There is no model "${asked.slice(0, 100)}"; this is "${name}".`);
}

function versioned<M extends LoadedModel>(models: ModelHolder<M>, version: string | undefined): M {
  const model = loaded(models);
  if (version !== undefined && version !== model.version)
    throw new Refusal(404, `Version "${version.slice(0, 100)}" is not served; version "${model.version}" is.`);
  return model;
}

function loaded<M extends LoadedModel>({ current, problem }: ModelHolder<M>): M {
  if (!current) throw new Refusal(503, `No model is loaded yet${problem === undefined ? "" : `: ${problem}`}.`);
  return current;
}
