/** The parts of the KFP v2beta1 messages that are read here, as they travel. Absent fields are absent or null. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export type RuntimeState =
  | "RUNTIME_STATE_UNSPECIFIED"
  | "PENDING"
  | "RUNNING"
  | "SUCCEEDED"
  | "SKIPPED"
  | "FAILED"
  | "CANCELING"
  | "CANCELED"
  | "PAUSED";

export interface ErrorMessage {
  readonly code?: number;
  readonly message?: string;
}

export interface TaskDetail {
  readonly task_id?: string;
  readonly parent_task_id?: string;
  readonly display_name?: string;
  readonly state?: RuntimeState;
  readonly create_time?: string;
  readonly start_time?: string;
  readonly end_time?: string;
  readonly pod_name?: string;
  readonly child_tasks?: readonly { readonly pod_name?: string; readonly task_id?: string }[];
  readonly error?: ErrorMessage;

  // Said by the compact backend only.
  readonly kind?: "container" | "importer" | "dag" | "loop" | "iteration";
  readonly iteration?: number;
  /** Whether the outputs are those of an earlier task. */
  readonly cached?: boolean;
  readonly output_parameters?: JsonObject;
  readonly output_artifacts?: Readonly<Record<string, readonly { type?: string; metadata?: JsonObject }[]>>;
  readonly attempts?: readonly { readonly node_name?: string }[];
}

export interface RunMessage {
  readonly run_id: string;
  readonly experiment_id?: string;
  readonly display_name?: string;
  readonly state?: RuntimeState;
  readonly storage_state?: "AVAILABLE" | "ARCHIVED" | "STORAGE_STATE_UNSPECIFIED";
  readonly created_at?: string;
  readonly finished_at?: string;
  readonly pipeline_version_reference?: { readonly pipeline_id?: string; readonly pipeline_version_id?: string };
  readonly recurring_run_id?: string;
  readonly error?: ErrorMessage;
  readonly run_details?: { readonly task_details?: readonly TaskDetail[] };
}

export interface ExperimentMessage {
  readonly experiment_id: string;
  readonly display_name?: string;
  readonly storage_state?: "AVAILABLE" | "ARCHIVED" | "STORAGE_STATE_UNSPECIFIED";
}

export interface VersionMessage {
  readonly pipeline_version_id: string;
  readonly name?: string;
  readonly display_name?: string;
  readonly created_at?: string;
}

export interface RecurringRunMessage {
  readonly recurring_run_id: string;
  readonly display_name?: string;
  readonly experiment_id?: string;
  readonly status?: "ENABLED" | "DISABLED" | "STATUS_UNSPECIFIED";
  readonly pipeline_version_reference?: { readonly pipeline_id?: string; readonly pipeline_version_id?: string };
}

/** Whether nothing more will happen to a run in this state. */
export function isOver(state: RuntimeState | undefined): boolean {
  return state === "SUCCEEDED" || state === "FAILED" || state === "SKIPPED" || state === "CANCELED";
}
