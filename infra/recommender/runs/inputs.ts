import type { Backend } from "./backend";
import type { JsonObject } from "./messages";

/** What Pulumi hands to the operations; unknown values are gone by then. */
export interface ExperimentInputs extends Backend {
  readonly displayName: string;
}

export interface RunInputs extends Backend {
  readonly experimentId: string;
  readonly pipelineId: string;
  readonly versionId: string;
  readonly versionName: string;
  readonly parameters: JsonObject;
  readonly rerun: string;
  readonly timeoutMinutes: number;
  readonly onDelete: "archive" | "delete";
}

export interface RunOutputs extends RunInputs {
  readonly runId: string;
  readonly runName: string;
  readonly state: string;
  readonly finishedAt: string;
  readonly outputs: JsonObject;
  readonly metrics: JsonObject;
}

export interface RecurringRunInputs extends Backend {
  readonly displayName: string;
  readonly experimentId: string;
  readonly pipelineId: string;
  readonly versionId: string;
  readonly parameters: JsonObject;
  readonly cron?: string;
  readonly intervalSeconds?: number;
  readonly maxConcurrency: number;
  readonly catchUp: boolean;
  readonly enabled: boolean;
}

export interface RetentionInputs extends Backend {
  readonly experimentId: string;
  readonly pipelineId: string;
  readonly versionId: string;
  readonly runId: string;
  readonly versions: number;
  readonly runs: number;
}
