import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { Experiment, Store } from "../model";
import type { Backend } from "./backend";
import { actions, paramOf, queryOf } from "./calls";
import { alreadyExists, invalid, notFound } from "./errors";
import { page } from "./paging";
import { ignored, parseBody } from "./requests";
import { EXPERIMENT_FIELDS, experimentMessage } from "./shapes/experiment";

/** Which runs join where they name none. */
const DEFAULT_EXPERIMENT = "Default";

const schema = z.strictObject({
  display_name: z.string().optional(),
  description: z.string().optional(),
  ...ignored("experiment_id", "created_at", "namespace", "storage_state", "last_run_created_at"),
});

export function experimentRoutes(app: FastifyInstance, backend: Backend): void {
  const { store, now } = backend;

  app.post("/experiments", async (request) => {
    const { display_name: displayName, description } = parseBody(schema, request.body);
    if (!displayName) throw invalid("The experiment has no display_name.");
    return experimentMessage(await createExperiment(store, { displayName, description }, now()));
  });

  app.get("/experiments", (request) => {
    const { items, totalSize, nextPageToken } = page(
      store.experiments.all(),
      queryOf(request),
      EXPERIMENT_FIELDS,
      ({ id }) => id,
    );
    if (totalSize === 0) return {};
    return { experiments: items.map(experimentMessage), total_size: totalSize, next_page_token: nextPageToken };
  });

  app.get("/experiments/:id", (request) => experimentMessage(experimentOf(store, paramOf(request, "id"))));

  app.delete("/experiments/:id", async (request) => {
    const { id, displayName } = experimentOf(store, paramOf(request, "id"));
    if (displayName === DEFAULT_EXPERIMENT)
      throw alreadyExists(`The experiment "${DEFAULT_EXPERIMENT}" cannot be deleted: runs without one join it.`);
    await store.change(() => store.experiments.remove(id));
    return {};
  });

  actions(app, "/experiments", {
    archive: async (id) => {
      experimentOf(store, id);
      await store.change(() => archive(store, id, now()));
      return {};
    },
    unarchive: async (id) => {
      experimentOf(store, id);
      await store.change(() => store.experiments.put({ ...experimentOf(store, id), storageState: "AVAILABLE" }));
      return {};
    },
  });
}

/** @throws ApiError */
export function experimentOf(store: Store, id: string): Experiment {
  const experiment = store.experiments.get(id);
  if (!experiment) throw notFound("Experiment", id);
  return experiment;
}

/** Id of this experiment or, without one, of the default, which is made where there is none. @throws ApiError */
export async function experimentOrDefault(store: Store, id: string | undefined, now: number): Promise<string> {
  if (id) return experimentOf(store, id).id;
  const found = named(store, DEFAULT_EXPERIMENT);
  const description = "Runs for which no experiment was named.";
  return (found ?? (await createExperiment(store, { displayName: DEFAULT_EXPERIMENT, description }, now))).id;
}

function createExperiment(
  store: Store,
  { displayName, description }: Pick<Experiment, "displayName" | "description">,
  createdAt: number,
): Promise<Experiment> {
  const experiment = { id: randomUUID(), displayName, description, createdAt, storageState: "AVAILABLE" } as const;
  return store.change(() => {
    if (named(store, displayName))
      throw alreadyExists(`There is an experiment "${displayName}" already. Use it, or take another name.`);
    store.experiments.put(experiment);
    return experiment;
  });
}

function named(store: Store, name: string): Experiment | undefined {
  for (const experiment of store.experiments.all()) if (experiment.displayName === name) return experiment;
  return undefined;
}

/** With its runs; its recurring runs make no more. */
function archive(store: Store, id: string, now: number): void {
  store.experiments.put({ ...experimentOf(store, id), storageState: "ARCHIVED" });
  for (const run of [...store.runs.all()]) {
    if (run.experimentId === id) store.runs.put({ ...run, storageState: "ARCHIVED" });
  }
  for (const recurring of [...store.recurringRuns.all()]) {
    if (recurring.experimentId === id) store.recurringRuns.put({ ...recurring, enabled: false, updatedAt: now });
  }
}
