import type { RunMessage, TaskMessage } from "../../api/messages";
import type { Json } from "../../model";
import { isMetrics, shownMetadata } from "./parts/metrics";
import { nameOf } from "./screens/task";

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
