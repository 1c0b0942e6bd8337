import type { RunMessage, TaskMessage } from "../../../api/messages";
import type { Json, JsonObject } from "../../../model";
import { ApiFault } from "../api";
import { elapsed } from "../format";
import { drawing } from "../graph/draw";
import { graphOf } from "../graph/graph";
import { valuesOf } from "../parameters";
import {
  facts,
  heading,
  history,
  link,
  nothing,
  section,
  stateBadge,
  table,
  time,
  valuesTable,
  valueView,
} from "../parts/common";
import { addressOf } from "../route";
import { metricsOf } from "../run-metrics";
import type { Load, Page } from "../screen";
import { isLive, wordOf } from "../states";
import { type Child, h, type View } from "../view";
import { runActions, runFailure } from "./runs";
import { TaskPanel } from "./task";

/** One run: its graph with live states, and the task that the address names. */
export function runScreen(page: Page, runId: string, taskId: string | undefined): Load {
  let made: Origin | undefined;
  const panel = taskId === undefined ? undefined : new TaskPanel(page, runId, taskId);
  return async () => {
    const run = await page.api.run(runId);
    const origin = (made ??= await originOf(page, run));
    const tasks = run.run_details?.task_details ?? [];
    if (panel) {
      const task = tasks.find(({ task_id }) => task_id === taskId);
      if (!task) throw new ApiFault(`The run ${run.display_name} has no task ${taskId}.`, 404);
      await panel.load(task);
    }
    const live = isLive(run.state) || tasks.some(({ state }) => isLive(state));
    return { title: run.display_name, live, body: () => body(page, run, tasks, origin, panel) };
  };
}

/** Where a run comes from, which does not change. */
interface Origin {
  readonly spec: JsonObject;
  /** Names; absent where what they name was deleted. */
  readonly experiment?: string;
  readonly version?: string;
}

async function originOf({ api }: Page, run: RunMessage): Promise<Origin> {
  const { run_id, experiment_id, pipeline_version_reference: reference } = run;
  const { pipeline_id: pipeline, pipeline_version_id: version } = reference ?? {};
  const [spec, experiment, named] = await Promise.all([
    api.packageOfRun(run_id),
    unlessGone(api.experiment(experiment_id)),
    pipeline && version ? unlessGone(api.version(pipeline, version)) : undefined,
  ]);
  return { spec, experiment: experiment?.display_name, version: named?.display_name };
}

async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiFault && error.status === 404) return undefined;
    throw error;
  }
}

function body(
  page: Page,
  run: RunMessage,
  tasks: readonly TaskMessage[],
  { spec, experiment, version }: Origin,
  panel: TaskPanel | undefined,
): Child[] {
  const { run_id: id, pipeline_version_reference: reference } = run;
  const graph = graphOf(spec, tasks, panel?.taskId);
  const metrics = metricsOf(run);
  const told = run.runtime_config.parameters ?? {};
  const parameters = valuesOf(spec, told);
  return [
    h(
      "div",
      { class: "bar title", key: "title" },
      panel
        ? h("h1", { key: "h1" }, link(addressOf({ at: "run", run: id }), run.display_name))
        : heading("h1", run.display_name),
      runActions(page, run),
    ),
    h("p", { role: "status", key: "status", class: "status" }, stateBadge(run.state), ` ${progress(run, tasks)}`),
    runFailure(run),
    h(
      "div",
      { class: panel ? "split" : "whole", key: "graph" },
      graph.nodes.length === 0
        ? nothing("This pipeline has no step.")
        : drawing(graph, {
            label: `Graph of ${run.display_name}`,
            states: true,
            current: panel?.taskId,
            addressOf: ({ task }) => task && addressOf({ at: "run", run: id, task: task.task_id }),
          }),
      panel?.view(run, tasks),
    ),
    section(
      "About this run",
      facts([
        ["Description", run.description],
        ["Started", time(run.created_at)],
        ["Finished", time(run.finished_at)],
        ["Duration", elapsed(run.created_at, run.finished_at, page.now())],
        [
          "Pipeline",
          reference &&
            (version === undefined
              ? "deleted"
              : link(
                  addressOf({
                    at: "pipeline",
                    pipeline: reference.pipeline_id,
                    version: reference.pipeline_version_id,
                  }),
                  version,
                )),
        ],
        ["Experiment", experiment ?? "deleted"],
        ["Recurring run", run.recurring_run_id && link(addressOf({ at: "recurring" }), run.recurring_run_id)],
        ["Storage", run.storage_state === "ARCHIVED" && "Archived"],
        ["Id", h("code", {}, id)],
      ]),
    ),
    metrics.size > 0 && section("Metrics", valuesTable("Metrics", Object.fromEntries(metrics))),
    parameters.size > 0 && section("Parameters", parametersTable(parameters, told)),
    section("States", history(run.state_history)),
  ];
}

function parametersTable(values: ReadonlyMap<string, Json>, told: JsonObject): View {
  const rows = [...values].map(([name, value]) => ({
    key: name,
    cells: [name, [valueView(value), !Object.hasOwn(told, name) && h("span", { class: "nothing" }, " default")]],
  }));
  return table("Parameters", ["Name", "Value"], rows);
}

/** `Running: 3 of 5 steps finished, 1 failed`; what a screen reader says when it changes. */
export function progress(run: RunMessage, tasks: readonly TaskMessage[]): string {
  const steps = tasks.filter(({ kind }) => kind === "container" || kind === "importer");
  const count = (test: (task: TaskMessage) => boolean) => steps.filter(test).length;
  const parts = [
    `${count(({ state }) => !isLive(state))} of ${steps.length} steps finished`,
    ...(["FAILED", "SKIPPED"] as const).flatMap((state) => {
      const number = count((task) => task.state === state);
      return number === 0 ? [] : [`${number} ${wordOf(state).label.toLowerCase()}`];
    }),
    ...(count(({ cached }) => cached) > 0 ? [`${count(({ cached }) => cached)} cached`] : []),
  ];
  return steps.length === 0 ? (isLive(run.state) ? "no step yet" : "no step") : parts.join(", ");
}
