import type { PipelineMessage, RecurringRunMessage, TriggerMessage } from "../../../api/messages";
import { period } from "../format";
import { button, heading, nothing, pipelineLink, table, time } from "../parts/common";
import type { Load, Page } from "../screen";
import { h, type View } from "../view";

/** Runs that a schedule makes. */
export function recurringScreen(page: Page): Load {
  return async () => {
    const [recurring, pipelines] = await Promise.all([page.api.recurringRuns(), page.api.pipelines()]);
    const body = () => [
      heading("h1", "Recurring runs"),
      recurring.length === 0
        ? nothing("There is no recurring run.")
        : table(
            "Recurring runs",
            ["Recurring run", "State", "Schedule", "Pipeline", "Last", "Next", "At once", "Trouble", "Actions"],
            recurring.map((item) => ({ key: item.recurring_run_id, cells: cellsOf(page, item, pipelines) })),
          ),
    ];
    return { title: "Recurring runs", live: false, body };
  };
}

function cellsOf(page: Page, item: RecurringRunMessage, pipelines: readonly PipelineMessage[]) {
  const enabled = item.status === "ENABLED";
  return [
    item.display_name,
    h("span", { class: `badge ${enabled ? "good" : "quiet"}` }, enabled ? "Enabled" : "Disabled"),
    scheduleOf(item.trigger),
    pipelineLink(item, pipelines),
    time(item.last_scheduled_at),
    time(item.next_scheduled_at),
    item.max_concurrency,
    item.error?.message ?? "–",
    toggle(page, item, enabled),
  ];
}

function toggle(page: Page, { recurring_run_id: id, display_name: name }: RecurringRunMessage, enabled: boolean): View {
  const [label, verb] = enabled ? (["Disable", "disable"] as const) : (["Enable", "enable"] as const);
  const text = enabled
    ? "It makes no more runs until it is enabled again; runs that are going go on."
    : "It makes a run at every time of its schedule.";
  const press = () =>
    page.confirm({ title: `${label} ${name}?`, text, yes: label }, () => page.api.changeRecurringRun(id, verb));
  return button(label, press, { "aria-label": `${label} ${name}` });
}

/** When runs are made, in words as far as there are any. */
export function scheduleOf({ cron_schedule: cron, periodic_schedule: periodic }: TriggerMessage): string {
  if (cron) return `cron ${cron.cron}`;
  return periodic ? `every ${period(Number(periodic.interval_second))}` : "–";
}
