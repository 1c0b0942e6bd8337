import Fastify, { LogController, type FastifyError, type FastifyInstance } from "fastify";
import { infer, MODEL_NAME, modelMetadata } from "./inference";
import { Metrics } from "./metrics";
import type { Model } from "./model";
import { ModelHolder } from "./model-holder";
import { overview, recommend } from "./people";
import { Refusal } from "./refusal";
import { training } from "./training";

export interface ServerOptions {
  readonly modelFile: string;
  readonly reportsDirectory: string;
  /** How often the model file is looked at. @default 2000 */
  readonly pollMilliseconds?: number;
  /** Bytes a request may have. @default 65536 */
  readonly bodyLimit?: number;
  /** Lines of JSON on standard output. @default true */
  readonly logs?: boolean;
}

export interface BooksServer {
  readonly app: FastifyInstance;
  readonly models: ModelHolder;
  /**
   * Ends without refusing anybody: first tells that it is not ready and asks clients to connect anew, for as long as
   * load balancers take to notice; then stops listening and finishes what has begun.
   */
  drain(noticeMilliseconds: number): Promise<void>;
}

const SERVER = { name: "books-serving", version: "1", extensions: [] };
const DEFAULT_BODY_LIMIT = 65_536;
const DEFAULT_POLL_MILLISECONDS = 2000;

/** The service, not yet listening; a model that is there has been loaded. */
export async function createServer(options: ServerOptions): Promise<BooksServer> {
  const { modelFile, reportsDirectory, bodyLimit = DEFAULT_BODY_LIMIT, logs = true } = options;
  const app = Fastify({
    bodyLimit,
    // One line per request would cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    logger: logs && { base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    forceCloseConnections: "idle",
    return503OnClosing: false,
    routerOptions: { maxParamLength: 1000 },
  });
  const metrics = new Metrics();
  const models = new ModelHolder(modelFile, {
    loaded: ({ version, size }, milliseconds) => {
      metrics.loads.inc({ result: "loaded" });
      metrics.model.reset();
      metrics.model.set({ version }, 1);
      metrics.items.set(size);
      app.log.info({ version, items: size, milliseconds: Math.round(milliseconds) }, "model loaded");
    },
    refused: (reason, serving) => {
      metrics.loads.inc({ result: "refused" });
      app.log.error({ reason, serving: serving ?? "none" }, "model not loaded, the one before it stays");
    },
  });
  const state = { draining: false };
  answerInJson(app);
  observe(app, metrics, state);
  health(app, models, state);
  inference(app, models);
  forPeople(app, models, reportsDirectory);
  app.get("/metrics", async (_request, reply) =>
    reply.type(metrics.registry.contentType).send(await metrics.registry.metrics()),
  );
  await models.watch(options.pollMilliseconds ?? DEFAULT_POLL_MILLISECONDS);
  return { app, models, drain: (notice) => drain(app, models, state, notice) };
}

interface State {
  draining: boolean;
}

async function drain(app: FastifyInstance, models: ModelHolder, state: State, notice: number): Promise<void> {
  state.draining = true;
  models.stop();
  await new Promise((resolve) => setTimeout(resolve, notice));
  await app.close();
}

function answerInJson(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | Refusal, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500 && !(error instanceof Refusal)) request.log.error({ err: error }, "request failed");
    const reason =
      status >= 500 && !(error instanceof Refusal) ? "The service failed; its log says why." : error.message;
    return reply.code(status).send({ error: reason, ...(error instanceof Refusal ? error.details : {}) });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send({ error: `Nothing answers ${request.method} ${request.url.slice(0, 100)}.` }),
  );
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

function health(app: FastifyInstance, models: ModelHolder, state: State): void {
  app.get("/v2/health/live", () => ({ live: true }));
  app.get("/v2/health/ready", (_request, reply) => {
    const ready = models.current !== undefined && !state.draining;
    return reply.code(ready ? 200 : 503).send({ ready });
  });
}

function inference(app: FastifyInstance, models: ModelHolder): void {
  interface Named {
    Params: { name: string };
  }
  app.get("/v2", () => SERVER);
  app.get<Named>("/v2/models/:name", ({ params }) => {
    checkName(params.name);
    return modelMetadata(loaded(models));
  });
  app.get<Named>("/v2/models/:name/ready", ({ params }, reply) => {
    checkName(params.name);
    const ready = models.current !== undefined;
    return reply.code(ready ? 200 : 503).send({ name: MODEL_NAME, ready });
  });
  app.post<Named>("/v2/models/:name/infer", ({ params, body }) => {
    checkName(params.name);
    return infer(loaded(models), body);
  });
}

function forPeople(app: FastifyInstance, models: ModelHolder, reportsDirectory: string): void {
  app.get("/recommendations", () => overview(loaded(models)));
  app.get<{ Params: { asked: string } }>("/recommendations/:asked", ({ params }) =>
    recommend(loaded(models), params.asked),
  );
  app.get("/training", () => training(reportsDirectory));
}

function checkName(name: string): void {
  if (name !== MODEL_NAME)
    throw new Refusal(404, `There is no model "${name.slice(0, 100)}"; this is "${MODEL_NAME}".`);
}

function loaded(models: ModelHolder): Model {
  if (!models.current) throw new Refusal(503, "No model is loaded yet: the training has not finished.");
  return models.current;
}
