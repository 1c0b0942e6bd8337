import type { RunMessage, RuntimeState, TaskDetail } from "./messages";

/** What was last said of each task, by its id. */
export type Reported = Map<string, RuntimeState>;

/**
 * One line for each step whose state has changed since the last call; it remembers in `reported` what it has said.
 */
export function progressLines(run: RunMessage, reported: Reported): string[] {
  const tasks = run.run_details?.task_details ?? [];
  return tasks.filter(isStep).flatMap((task) => {
    const { state, task_id: id = task.display_name ?? "" } = task;
    if (state === undefined || reported.get(id) === state) return [];
    reported.set(id, state);
    const said = sentence(task);
    return said === undefined ? [] : [`${stepName(task, tasks)}: ${said}`];
  });
}

/**
 * Whether a task is a step of the pipeline. Graphs and loops are none, nor are the helpers of the official engine, which
 * stand among the tasks of its runs.
 */
export function isStep({ display_name = "", kind = "container" }: TaskDetail): boolean {
  if (kind !== "container" && kind !== "importer") return false;
  return !/(^|-)driver$|^executor(\(\d+\))?$|^root$/.test(display_name);
}

/** Name of a step, with its place in the loops around it. */
export function stepName(task: TaskDetail, tasks: readonly TaskDetail[]): string {
  const rounds = roundsOf(task, tasks);
  return `${task.display_name ?? ""}${rounds.length === 0 ? "" : ` (${rounds.join(".")})`}`;
}

/** Numbers of the iterations around a step, from the outside. */
export function roundsOf(task: TaskDetail, tasks: readonly TaskDetail[]): number[] {
  const parent = tasks.find(({ task_id }) => task_id !== undefined && task_id === task.parent_task_id);
  if (!parent) return [];
  const around = roundsOf(parent, tasks);
  return parent.iteration === undefined ? around : [...around, parent.iteration];
}

function sentence(task: TaskDetail): string | undefined {
  const node = task.attempts?.at(-1)?.node_name;
  const on = node ? ` on node ${node}` : "";
  const seconds = secondsBetween(task.start_time, task.end_time);
  const lasted = (word: string) => (seconds === undefined ? "" : ` ${word} ${seconds} s`);
  switch (task.state) {
    case "RUNNING":
      return `started${on}`;
    case "SUCCEEDED":
      return task.cached ? "cached" : `succeeded${lasted("in")}${on}`;
    case "SKIPPED":
      return "skipped";
    case "FAILED":
      return `failed${lasted("after")}${on}`;
    case "CANCELED":
      return "cancelled";
    default:
      return undefined;
  }
}

/** Seconds between two times; undefined where one of them is not known yet. */
function secondsBetween(start: string | undefined, end: string | undefined): number | undefined {
  const [from, to] = [timeOf(start), timeOf(end)];
  return from === undefined || to === undefined ? undefined : Math.round((to - from) / 1000);
}

/** Milliseconds since the epoch. The API writes the epoch itself for "not yet". */
export function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) || time === 0 ? undefined : time;
}
