import { randomUUID } from "node:crypto";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import type { RecurringRun, Store, Trigger } from "../model";
import { checkTrigger } from "../schedule/times";
import type { Backend } from "./backend";
import { actions, paramOf, queryOf } from "./calls";
import { experimentOf, experimentOrDefault } from "./experiments";
import { invalid, notFound } from "./errors";
import { resolve } from "./new-run";
import { page } from "./paging";
import { ignored, instant, int64, parseBody } from "./requests";
import { sourceFields, wanted } from "./runs";
import { RECURRING_RUN_FIELDS, recurringRunMessage } from "./shapes/recurring-run";

const MOST_CONCURRENT = 10;

const bounds = { start_time: instant.optional(), end_time: instant.optional() };

const schema = z.strictObject({
  ...sourceFields,
  max_concurrency: int64.optional(),
  trigger: z
    .strictObject({
      cron_schedule: z.strictObject({ cron: z.string().optional(), ...bounds }).optional(),
      periodic_schedule: z.strictObject({ interval_second: int64.optional(), ...bounds }).optional(),
    })
    .optional(),
  mode: z.union([z.enum(["MODE_UNSPECIFIED", "ENABLE", "DISABLE"]), z.literal([0, 1, 2])]).optional(),
  no_catchup: z.boolean().optional(),
  ...ignored("recurring_run_id", "status", "created_at", "updated_at", "namespace", "error", "pipeline_version_id"),
});

export function recurringRunRoutes(app: FastifyInstance, backend: Backend): void {
  const { store, now, namespace } = backend;

  app.post("/recurringruns", async (request) => {
    const message = parseBody(schema, request.body);
    const { parameters, version, package: content, ...about } = wanted(message);
    const maxConcurrency = message.max_concurrency ?? 1;
    if (maxConcurrency < 1 || maxConcurrency > MOST_CONCURRENT)
      throw invalid(`max_concurrency is ${maxConcurrency} and must be from 1 to ${MOST_CONCURRENT}.`);
    const trigger = triggerOf(message.trigger);
    const resolved = await resolve(backend, { package: content, version, parameters });
    const experimentId = await experimentOrDefault(store, message.experiment_id, now());
    const recurring: RecurringRun = {
      ...about,
      id: randomUUID(),
      experimentId,
      enabled: message.mode === "ENABLE" || message.mode === 1,
      trigger,
      maxConcurrency,
      noCatchup: message.no_catchup ?? false,
      createdAt: now(),
      updatedAt: now(),
      parameters,
      package: content,
      // Without a version each run takes the one that is the latest then.
      version: resolved.version && {
        pipelineId: resolved.version.pipelineId,
        pipelineVersionId: version?.pipelineVersionId,
      },
    };
    await store.change(() => store.recurringRuns.put(recurring));
    return recurringRunMessage(recurring, namespace);
  });

  app.get("/recurringruns", (request) => {
    const query = queryOf(request);
    const experiment = query.experiment_id && experimentOf(store, query.experiment_id).id;
    const all = [...store.recurringRuns.all()].filter(({ experimentId }) => !experiment || experimentId === experiment);
    const { items, totalSize, nextPageToken } = page(all, query, RECURRING_RUN_FIELDS, ({ id }) => id);
    if (totalSize === 0) return {};
    // The only list whose name on the wire is camelCase.
    const recurringRuns = items.map((recurring) => recurringRunMessage(recurring, namespace));
    return { recurringRuns, total_size: totalSize, next_page_token: nextPageToken };
  });

  app.get("/recurringruns/:id", (request) =>
    recurringRunMessage(recurringRunOf(store, paramOf(request, "id")), namespace),
  );

  app.delete("/recurringruns/:id", async (request) => {
    const { id } = recurringRunOf(store, paramOf(request, "id"));
    await store.change(() => store.recurringRuns.remove(id));
    return {};
  });

  const mode = (enabled: boolean) => async (id: string) => {
    recurringRunOf(store, id);
    await store.change(() => store.recurringRuns.put({ ...recurringRunOf(store, id), enabled, updatedAt: now() }));
    return {};
  };
  actions(app, "/recurringruns", { enable: mode(true), disable: mode(false) });
}

/** @throws ApiError */
function triggerOf(message: z.infer<typeof schema>["trigger"]): Trigger {
  const { cron_schedule: cron, periodic_schedule: periodic } = message ?? {};
  if (cron && periodic) throw invalid("The trigger has two schedules. Keep cron_schedule or periodic_schedule.");
  const schedule = cron ?? periodic;
  const limits = { start: schedule?.start_time, end: schedule?.end_time };
  const trigger: Trigger | undefined = cron?.cron
    ? { kind: "cron", cron: cron.cron, ...limits }
    : periodic?.interval_second
      ? { kind: "interval", seconds: periodic.interval_second, ...limits }
      : undefined;
  if (!trigger)
    throw invalid(
      "The recurring run has no trigger. Give trigger.cron_schedule.cron or periodic_schedule.interval_second.",
    );
  try {
    checkTrigger(trigger);
  } catch (error) {
    throw invalid((error as Error).message);
  }
  return trigger;
}

/** @throws ApiError */
function recurringRunOf(store: Store, id: string): RecurringRun {
  const recurring = store.recurringRuns.get(id);
  if (!recurring) throw notFound("Recurring run", id);
  return recurring;
}
