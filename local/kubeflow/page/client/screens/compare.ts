import type { RunMessage, TaskMessage } from "../../../api/messages";
import type { Json } from "../../../model";
import { elapsed, json } from "../format";
import { heading, link, nothing, section, stateBadge, table, time } from "../parts/common";
import { isMetrics, shownMetadata } from "../parts/metrics";
import { addressOf } from "../route";
import type { Load, Page } from "../screen";
import { isLive } from "../states";
import { type Child, h } from "../view";
import { nameOf } from "./task";

/** Two runs side by side. */
export function compareScreen(page: Page, leftId: string, rightId: string): Load {
  return async () => {
    const [left, right] = await Promise.all([page.api.run(leftId), page.api.run(rightId)]);
    const live = isLive(left.state) || isLive(right.state);
    return { title: `${left.display_name} and ${right.display_name}`, live, body: () => body(page, left, right) };
  };
}

function body(page: Page, left: RunMessage, right: RunMessage): Child[] {
  const columns = ["", left.display_name, right.display_name];
  const both = (name: string, of: (run: RunMessage) => Child) => ({ key: name, cells: [name, of(left), of(right)] });
  const parameters = compared(parametersOf(left), parametersOf(right));
  const metrics = compared(metricsOf(left), metricsOf(right));
  return [
    heading("h1", "Compare two runs"),
    table("Runs", columns, [
      both("Run", (run) => link(addressOf({ at: "run", run: run.run_id }), run.display_name)),
      both("State", ({ state }) => stateBadge(state)),
      both("Started", ({ created_at }) => time(created_at)),
      both("Duration", ({ created_at, finished_at }) => elapsed(created_at, finished_at, page.now()) ?? "–"),
    ]),
    section(
      "Parameters",
      parameters.length === 0
        ? nothing("Both ran with the defaults.")
        : table("Parameters", columns, parameters.map(row)),
    ),
    section(
      "Metrics",
      metrics.length === 0
        ? nothing("Neither recorded a metric.")
        : table(
            "Metrics",
            [...columns, "Difference"],
            metrics.map((item) => row(item, difference(item))),
          ),
    ),
  ];
}

/** A name with what each of two runs has for it. */
export interface Compared {
  readonly name: string;
  readonly left: Json | undefined;
  readonly right: Json | undefined;
}

function row({ name, left, right }: Compared, more?: string | number) {
  const differs = json(left ?? null) !== json(right ?? null);
  const cell = (value: Json | undefined) => (value === undefined ? "–" : h("code", { class: "value" }, json(value)));
  const cells: Child[] = [name, cell(left), cell(right)];
  return {
    key: name,
    look: differs ? "differs" : undefined,
    cells: typeof more === "string" ? [...cells, more] : cells,
  };
}

/** Right less left, of numbers, with its sign. */
export function difference({ left, right }: Compared): string {
  if (typeof left !== "number" || typeof right !== "number") return "–";
  const change = Number((right - left).toPrecision(6));
  return change > 0 ? `+${change}` : String(change);
}

export function compared(left: ReadonlyMap<string, Json>, right: ReadonlyMap<string, Json>): Compared[] {
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.map((name) => ({ name, left: left.get(name), right: right.get(name) }));
}

const parametersOf = ({ runtime_config }: RunMessage): ReadonlyMap<string, Json> =>
  new Map(Object.entries(runtime_config.parameters ?? {}));

/** Metrics of all tasks: `<task>/<artifact>: <metric>`, and the numbers that steps put out as parameters. */
export function metricsOf({ run_details }: RunMessage): ReadonlyMap<string, Json> {
  const tasks = run_details?.task_details ?? [];
  const byId = new Map(tasks.map((task) => [task.task_id, task]));
  const steps = tasks.filter(({ kind }) => kind === "container" || kind === "importer");
  return new Map(
    steps.flatMap((task) => {
      const where = placeOf(task, byId);
      const artifacts = Object.entries(task.output_artifacts).flatMap(([output, list]) =>
        list.filter(isMetrics).flatMap((artifact) =>
          Object.entries(shownMetadata(artifact))
            .filter(([, value]) => typeof value !== "object")
            .map(([metric, value]) => [`${where}/${output}: ${metric}`, value] as const),
        ),
      );
      const numbers = Object.entries(task.output_parameters)
        .filter(([, value]) => typeof value === "number")
        .map(([output, value]) => [`${where}: ${output}`, value] as const);
      return [...artifacts, ...numbers];
    }),
  );
}

/** Where a task stands, so that those of several iterations differ. */
function placeOf(task: TaskMessage, byId: ReadonlyMap<string, TaskMessage>): string {
  const parent = task.parent_task_id === undefined ? undefined : byId.get(task.parent_task_id);
  const own = task.kind === "iteration" ? `${(task.iteration ?? 0) + 1}` : nameOf(task);
  return parent ? `${placeOf(parent, byId)}/${own}` : own;
}
