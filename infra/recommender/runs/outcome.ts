import type { JsonObject, RunMessage, TaskDetail } from "./messages";
import { isStep, roundsOf } from "./progress";

export interface Outcome {
  /** Output parameters by step. */
  readonly outputs: JsonObject;
  /** Metadata of metrics artifacts by step and artifact. */
  readonly metrics: JsonObject;
}

/**
 * What a run has found out, steps in loops left out. Empty where the backend does not tell, as the official one does
 * not over its REST API.
 */
export function outcomeOf(run: RunMessage): Outcome {
  const tasks = run.run_details?.task_details ?? [];
  const steps = tasks.filter((task) => isStep(task) && roundsOf(task, tasks).length === 0);
  return { outputs: byName(steps, (task) => task.output_parameters ?? {}), metrics: byName(steps, metricsOf) };
}

function byName(steps: readonly TaskDetail[], valuesOf: (step: TaskDetail) => JsonObject): JsonObject {
  const named = steps.map((step) => [step.display_name ?? "", valuesOf(step)] as const);
  return Object.fromEntries(named.filter(([, values]) => Object.keys(values).length > 0));
}

function metricsOf({ output_artifacts = {} }: TaskDetail): JsonObject {
  const metrics = Object.entries(output_artifacts).flatMap(([name, [artifact]]) =>
    artifact?.type === "system.Metrics" ? [[name, artifact.metadata ?? {}] as const] : [],
  );
  return Object.fromEntries(metrics);
}
