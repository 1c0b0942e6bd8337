import type { AttemptMessage, RunMessage, TaskMessage } from "../../../api/messages";
import { ApiFault, logAddress } from "../api";
import { elapsed } from "../format";
import { Log } from "../log";
import { ArtifactViewer } from "../parts/artifacts";
import {
  facts,
  failureBox,
  heading,
  history,
  link,
  nothing,
  section,
  stateBadge,
  table,
  time,
  valuesTable,
} from "../parts/common";
import { metricsViews } from "../parts/metrics";
import { addressOf } from "../route";
import type { Page } from "../screen";
import { isLive } from "../states";
import { type Child, h, type View } from "../view";

const KINDS: Readonly<Record<TaskMessage["kind"], string>> = {
  container: "Step",
  importer: "Importer",
  dag: "Group of steps",
  loop: "Loop",
  iteration: "Iteration",
};

/** Everything about one task of a run, its log included, which is followed while it runs. */
export class TaskPanel {
  private readonly log = new Log();
  private readonly artifacts: ArtifactViewer;
  private task: TaskMessage | undefined;
  /** Attempts whose logs are read to their ends. */
  private wholeLogs: number | undefined;

  constructor(
    private readonly page: Page,
    private readonly runId: string,
    readonly taskId: string,
  ) {
    this.artifacts = new ArtifactViewer(page);
  }

  /** Takes the task's present state and reads on in its log. */
  async load(task: TaskMessage): Promise<void> {
    this.task = task;
    const attempts = task.attempts.length;
    if (task.kind !== "container" || this.wholeLogs === attempts) return;
    try {
      let piece = await this.page.api.log(this.runId, this.taskId, this.log.offset);
      if (!this.log.add(piece)) {
        piece = await this.page.api.log(this.runId, this.taskId, 0);
        this.log.add(piece);
      }
    } catch (error) {
      // Not every task has one: a cached one never ran.
      if (!(error instanceof ApiFault && error.status === 404)) throw error;
    }
    // Its state was asked for before its log: what it wrote until it ended is here.
    if (!isLive(task.state)) this.wholeLogs = attempts;
  }

  view(run: RunMessage, tasks: readonly TaskMessage[]): Child {
    const { task } = this;
    if (!task) return undefined;
    const below = tasks.filter(({ parent_task_id }) => parent_task_id === task.task_id);
    const artifacts = Object.values(task.output_artifacts).flat();
    return h(
      "section",
      { class: "panel", key: `task-${task.task_id}`, "aria-label": `Task ${nameOf(task)}` },
      h(
        "div",
        { class: "bar title", key: "title" },
        heading("h2", nameOf(task)),
        link(addressOf({ at: "run", run: run.run_id }), "Close"),
      ),
      h(
        "p",
        { key: "state", class: "status" },
        stateBadge(task.state, task.cached),
        task.reason !== undefined && ` ${task.reason}`,
      ),
      failureBox(task.error?.message),
      facts([
        ["Kind", KINDS[task.kind] ?? task.kind],
        ["Started", time(task.start_time)],
        ["Finished", time(task.end_time)],
        [
          "Duration",
          elapsed(
            task.start_time,
            task.end_time ?? (isLive(task.state) ? undefined : task.start_time),
            this.page.now(),
          ),
        ],
        ["Part of", parentLink(task, tasks, run.run_id)],
      ]),
      below.length > 0 && section("Tasks in it", this.tasksTable(below, run.run_id)),
      metricsViews(artifacts),
      this.valuesSection("Inputs", task.input_parameters, task.input_artifacts),
      this.valuesSection("Outputs", task.output_parameters, task.output_artifacts),
      task.attempts.length > 0 && section("Attempts", this.attemptsTable(task.attempts)),
      task.kind === "container" && this.logSection(task),
      section("States", history(task.state_history)),
    );
  }

  private valuesSection(
    name: "Inputs" | "Outputs",
    parameters: TaskMessage["input_parameters"],
    artifacts: TaskMessage["input_artifacts"],
  ): Child {
    const hasParameters = Object.keys(parameters).length > 0;
    const hasArtifacts = Object.keys(artifacts).length > 0;
    if (!hasParameters && !hasArtifacts) return undefined;
    return section(
      name,
      hasParameters && valuesTable(`${name}: parameters`, parameters),
      hasArtifacts && this.artifacts.view(`${name}: artifacts`, artifacts),
    );
  }

  private tasksTable(tasks: readonly TaskMessage[], run: string): View {
    const rows = [...tasks]
      .sort((a, b) => (a.iteration ?? 0) - (b.iteration ?? 0))
      .map((task) => ({
        key: task.task_id,
        cells: [
          link(addressOf({ at: "run", run, task: task.task_id }), nameOf(task)),
          stateBadge(task.state, task.cached),
          elapsed(task.start_time, task.end_time, this.page.now()) ?? "–",
        ],
      }));
    return table("Tasks in it", ["Task", "State", "Duration"], rows);
  }

  private attemptsTable(attempts: readonly AttemptMessage[]): View {
    const rows = attempts.map((attempt, index) => ({
      key: attempt.job_name,
      cells: [
        String(index + 1),
        time(attempt.start_time),
        elapsed(attempt.start_time, attempt.end_time, this.page.now()) ?? "–",
        [attempt.pod_name ?? attempt.job_name, attempt.node_name].filter((text) => text !== undefined).join(" on "),
        attempt.exit_code ?? "–",
        [attempt.reason, attempt.message].filter((text) => text !== undefined).join(": ") || "–",
      ],
    }));
    return table("Attempts", ["Attempt", "Started", "Duration", "Pod", "Exit code", "Reason"], rows);
  }

  private logSection(task: TaskMessage): View {
    const { text, isCut } = this.log;
    const name = `Log of ${nameOf(task)}`;
    return section(
      "Log",
      isCut &&
        h("p", { key: "cut" }, "The end of it. ", h("a", { href: logAddress(this.runId, this.taskId) }, "Whole log")),
      text === ""
        ? nothing(isLive(task.state) ? "Nothing written yet." : "It wrote nothing.")
        : h(
            "pre",
            { class: "log", key: "log", tabindex: 0, "aria-label": name, "data-follow": isLive(task.state) },
            text,
          ),
    );
  }
}

function parentLink(task: TaskMessage, tasks: readonly TaskMessage[], run: string): Child {
  const parent = tasks.find(({ task_id }) => task_id === task.parent_task_id);
  return parent && link(addressOf({ at: "run", run, task: parent.task_id }), nameOf(parent));
}

/** A task's name; iterations, which share one, with their number. */
export function nameOf({ display_name, name, kind, iteration }: TaskMessage): string {
  const shown = display_name || name;
  return kind === "iteration" && iteration !== undefined ? `${shown}, iteration ${iteration + 1}` : shown;
}
