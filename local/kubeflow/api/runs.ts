import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Run, RuntimeState, Store, Task } from "../model";
import type { Backend } from "./backend";
import { actions, countOf, paramOf, queryOf } from "./calls";
import { experimentOf, experimentOrDefault } from "./experiments";
import { invalid, notFound, notNow } from "./errors";
import { prepareRun } from "./new-run";
import { jsonOfPackage, packageOfJson } from "./package-file";
import { page } from "./paging";
import { ignored, jsonObject, parseBody, runtimeConfig, versionReference } from "./requests";
import { RUN_FIELDS, runMessage } from "./shapes/run";

const GOING: readonly RuntimeState[] = ["PENDING", "RUNNING", "PAUSED"];
const RETRIABLE: RuntimeState = "FAILED";

/** Fields that runs and recurring runs share. */
export const sourceFields = {
  display_name: z.string().optional(),
  description: z.string().optional(),
  experiment_id: z.string().optional(),
  pipeline_version_reference: versionReference.optional(),
  pipeline_spec: jsonObject.optional(),
  runtime_config: runtimeConfig.optional(),
  service_account: z.string().optional(),
};

const schema = z.strictObject({
  ...sourceFields,
  ...ignored("run_id", "state", "storage_state", "created_at", "scheduled_at", "finished_at", "error", "namespace"),
  ...ignored("run_details", "state_history", "recurring_run_id", "pipeline_version_id", "plugins_input"),
});

export function runRoutes(app: FastifyInstance, backend: Backend): void {
  const { store, engine, now } = backend;

  app.post("/runs", async (request) => {
    const message = parseBody(schema, request.body);
    const experimentId = await experimentOrDefault(store, message.experiment_id, now());
    const run = await prepareRun(backend, { ...wanted(message), experimentId });
    await store.change(() => run.put());
    engine.submit(run.id);
    return runMessage(run);
  });

  app.get("/runs", (request) => {
    const query = queryOf(request);
    const experiment = query.experiment_id && experimentOf(store, query.experiment_id).id;
    const all = [...store.runs.all()].filter(({ experimentId }) => !experiment || experimentId === experiment);
    const { items, totalSize, nextPageToken } = page(all, query, RUN_FIELDS, ({ id }) => id);
    if (totalSize === 0) return {};
    return { runs: items.map((run) => runMessage(run)), total_size: totalSize, next_page_token: nextPageToken };
  });

  app.get("/runs/:run", (request) => {
    const run = runOf(store, paramOf(request, "run"));
    return runMessage(run, store.tasks.ofRun(run.id));
  });

  // Beyond the original: what a run was made from outlives the version that it names.
  app.get("/runs/:run/package", (request) => jsonOfPackage(runOf(store, paramOf(request, "run")).package));

  app.delete("/runs/:run", async (request) => {
    await engine.remove(runOf(store, paramOf(request, "run")).id);
    return {};
  });

  app.get("/runs/:run/tasks/:task/log", async (request, reply) => {
    const { id } = taskOf(store, paramOf(request, "run"), paramOf(request, "task"));
    const text = Buffer.from(await engine.log(id));
    const from = countOf("offset", queryOf(request).offset) ?? 0;
    return reply
      .header("x-next-offset", String(text.length))
      .type("text/plain; charset=utf-8")
      .header("x-content-type-options", "nosniff")
      .send(text.subarray(from));
  });

  const storage = (storageState: Run["storageState"]) => async (id: string) => {
    const { experimentId } = runOf(store, id);
    if (storageState === "AVAILABLE" && store.experiments.get(experimentId)?.storageState === "ARCHIVED")
      throw notNow(`Run ${id} is in an archived experiment. Unarchive experiment ${experimentId} first.`);
    await store.change(() => store.runs.put({ ...runOf(store, id), storageState }));
    return {};
  };
  actions(app, "/runs", {
    archive: storage("ARCHIVED"),
    unarchive: storage("AVAILABLE"),
    terminate: async (id) => {
      const { state } = runOf(store, id);
      if (!GOING.includes(state)) throw invalid(`Run ${id} is ${state}; only a run that is going can be terminated.`);
      await engine.terminate(id);
      return {};
    },
    retry: async (id) => {
      const { state } = runOf(store, id);
      if (state !== RETRIABLE) throw invalid(`Run ${id} is ${state}; only a run that failed can be retried.`);
      await engine.retry(id);
      return {};
    },
  });
}

/** What a caller asked to run. @throws ApiError */
export function wanted(message: z.infer<z.ZodObject<typeof sourceFields>>) {
  const { display_name: displayName, description, service_account: serviceAccount } = message;
  if (!displayName) throw invalid("It has no display_name. Give it a name.");
  if (message.pipeline_spec && message.pipeline_version_reference)
    throw invalid("Give either a pipeline_version_reference or a pipeline_spec, not both.");
  const { pipeline_id: pipelineId, pipeline_version_id: pipelineVersionId } = message.pipeline_version_reference ?? {};
  return {
    displayName,
    description,
    serviceAccount,
    parameters: message.runtime_config?.parameters ?? {},
    pipelineRoot: message.runtime_config?.pipeline_root,
    package: message.pipeline_spec && packageOfJson(message.pipeline_spec),
    version: message.pipeline_version_reference && { pipelineId, pipelineVersionId },
  };
}

/** @throws ApiError */
function runOf(store: Store, id: string): Run {
  const run = store.runs.get(id);
  if (!run) throw notFound("Run", id);
  return run;
}

/** By its id or, where only one of the run's tasks has it, by its name. @throws ApiError */
export function taskOf(store: Store, runId: string, id: string): Task {
  const tasks = store.tasks.ofRun(runOf(store, runId).id);
  const named = tasks.filter(({ name }) => name === id);
  const found = tasks.find((task) => task.id === id) ?? (named.length === 1 ? named[0] : undefined);
  if (!found) throw notFound("Task", `${id} of run ${runId}`);
  return found;
}
