import type { ExperimentMessage, PipelineMessage, RunMessage } from "../../../api/messages";
import type { RunList } from "../api";
import {
  button,
  checkbox,
  failureBox,
  heading,
  link,
  nothing,
  pipelineLink,
  stateBadge,
  table,
  time,
} from "../parts/common";
import { elapsed } from "../format";
import { addressOf, type RunFilter } from "../route";
import type { Load, Page } from "../screen";
import { isLive, RUN_STATES, wordOf } from "../states";
import { type Child, h, listening, type View } from "../view";

interface Names {
  readonly experiments: readonly ExperimentMessage[];
  readonly pipelines: readonly PipelineMessage[];
}

/** Runs, newest first, a page at a time. */
export function runsScreen(page: Page, filter: RunFilter): Load {
  let names: Names | undefined;
  const chosen = new Set<string>();
  return async () => {
    const [list, experiments, pipelines] = await Promise.all([
      page.api.runs(filter),
      names?.experiments ?? page.api.experiments(),
      names?.pipelines ?? page.api.pipelines(),
    ]);
    names = { experiments, pipelines };
    const live = (list.runs ?? []).some(({ state }) => isLive(state));
    return { title: "Runs", live, body: () => body(page, filter, list, { experiments, pipelines }, chosen) };
  };
}

function body(page: Page, filter: RunFilter, list: RunList, names: Names, chosen: Set<string>): Child[] {
  const { runs = [], total_size: total = 0, next_page_token: next } = list;
  const first = filter.token !== undefined && addressOf({ at: "runs", filter: { ...filter, token: undefined } });
  return [
    heading("h1", "Runs"),
    filters(page, filter, names),
    h(
      "div",
      { class: "bar", key: "bar" },
      h("p", { role: "status", key: "count" }, total === 1 ? "1 run" : `${total} runs`),
      compareButton(page, chosen),
    ),
    runs.length === 0
      ? nothing("No run fits. Start one with the Kubeflow client, or change the filter.")
      : runsTable(page, runs, names, chosen),
    h(
      "nav",
      { "aria-label": "Pages", class: "bar", key: "pages" },
      first !== false && link(first, "First page"),
      next !== undefined && link(addressOf({ at: "runs", filter: { ...filter, token: next } }), "Next page"),
    ),
  ];
}

function filters(page: Page, filter: RunFilter, { experiments, pipelines }: Names): View {
  const change = (changes: RunFilter) =>
    page.go(addressOf({ at: "runs", filter: { ...filter, token: undefined, ...changes } }));
  const option = (value: string, label: string, selected: boolean) =>
    h("option", { value, selected, key: value }, label);
  const choice = (
    label: string,
    current: string | undefined,
    options: readonly (readonly [value: string, label: string])[],
    set: (value: string | undefined) => void,
  ) =>
    h(
      "label",
      { key: label },
      label,
      listening(
        h(
          "select",
          {},
          option("", "All", current === undefined),
          options.map(([value, text]) => option(value, text, value === current)),
        ),
        { change: (event) => set((event.target as HTMLSelectElement).value || undefined) },
      ),
    );
  return h(
    "form",
    { class: "bar filters", role: "search", "aria-label": "Filter runs", key: "filters" },
    choice(
      "Experiment",
      filter.experiment,
      experiments.map(({ experiment_id, display_name }) => [experiment_id, display_name]),
      (experiment) => change({ experiment }),
    ),
    choice(
      "Pipeline",
      filter.pipeline,
      pipelines.map(({ pipeline_id, display_name }) => [pipeline_id, display_name]),
      (pipeline) => change({ pipeline }),
    ),
    choice(
      "State",
      filter.state,
      RUN_STATES.map((state) => [state, wordOf(state).label]),
      (state) => change({ state }),
    ),
    checkbox("Archived", filter.archived === true, (wanted) => change({ archived: wanted || undefined })),
  );
}

function compareButton(page: Page, chosen: ReadonlySet<string>): View {
  const [left, right] = [...chosen];
  const ready = left !== undefined && right !== undefined;
  const press = () => ready && page.go(addressOf({ at: "compare", left, right }));
  return button("Compare two runs", press, { disabled: !ready, title: "Choose two runs of the list" });
}

function runsTable(page: Page, runs: readonly RunMessage[], names: Names, chosen: Set<string>): View {
  const choose = (id: string, wanted: boolean): void => {
    chosen.delete(id);
    if (wanted) chosen.add(id);
    // A third takes the place of the first.
    for (const earlier of chosen) if (chosen.size > 2) chosen.delete(earlier);
    page.redraw();
  };
  const rows = runs.map((run) => ({
    key: run.run_id,
    cells: [
      link(addressOf({ at: "run", run: run.run_id }), run.display_name),
      stateBadge(run.state),
      experimentName(run, names),
      pipelineLink(run, names.pipelines),
      time(run.created_at),
      elapsed(run.created_at, run.finished_at, page.now()) ?? "–",
      listening(
        h("input", {
          type: "checkbox",
          checked: chosen.has(run.run_id),
          "aria-label": `Compare ${run.display_name}`,
        }),
        { change: (event) => choose(run.run_id, (event.target as HTMLInputElement).checked) },
      ),
      runActions(page, run),
    ],
  }));
  return table("Runs", ["Run", "State", "Experiment", "Pipeline", "Started", "Duration", "Compare", "Actions"], rows);
}

function experimentName({ experiment_id }: RunMessage, { experiments }: Names): string {
  return experiments.find((experiment) => experiment.experiment_id === experiment_id)?.display_name ?? experiment_id;
}

/** What can be done with a run; each asks first. */
export function runActions(page: Page, run: RunMessage): View {
  const { run_id: id, display_name: name, state } = run;
  const action = (label: string, title: string, text: string, verb: "terminate" | "retry" | "archive" | "unarchive") =>
    button(label, () => page.confirm({ title, text, yes: label }, () => page.api.changeRun(id, verb)), {
      "aria-label": `${label} ${name}`,
    });
  const going = state === "PENDING" || state === "RUNNING" || state === "PAUSED";
  return h(
    "div",
    { class: "actions", key: "actions" },
    going &&
      action("Terminate", `Terminate ${name}?`, "Its running steps are killed; the run ends as failed.", "terminate"),
    (state === "FAILED" || state === "CANCELED") &&
      action("Retry", `Retry ${name}?`, "Steps that succeeded are kept, the others run again.", "retry"),
    run.storage_state === "ARCHIVED"
      ? action("Restore", `Restore ${name}?`, "It is listed among the other runs again.", "unarchive")
      : action("Archive", `Archive ${name}?`, "It is kept, and listed among the archived runs only.", "archive"),
  );
}

/** The sentence about why a run failed. */
export function runFailure({ error }: RunMessage): Child {
  return failureBox(error?.message);
}
