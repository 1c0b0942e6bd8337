/**
 * What the REST API answers, field by field as on the wire (`/apis/v2beta1`). Fields under "Beyond the original" are
 * additions of this backend; the Kubeflow client ignores what it does not know. Times are RFC 3339 in UTC, in whole
 * seconds; 64-bit integers are texts.
 */
import type { JsonObject, RuntimeState, StorageState } from "../model";

/** `google.rpc.Status`. */
export interface StatusMessage {
  readonly code: number;
  readonly message: string;
}

export interface PipelineMessage {
  readonly pipeline_id: string;
  readonly name: string;
  readonly display_name: string;
  readonly description?: string;
  readonly created_at: string;
  readonly namespace: string;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface PipelineVersionMessage {
  readonly pipeline_id: string;
  readonly pipeline_version_id: string;
  readonly name: string;
  readonly display_name: string;
  readonly description?: string;
  readonly created_at: string;
  readonly package_url?: { readonly pipeline_url: string };
  readonly code_source_url?: string;
  /** The IR itself, or `{pipeline_spec, platform_spec}` where there is a platform document. */
  readonly pipeline_spec: JsonObject;
  readonly tags?: Readonly<Record<string, string>>;
}

export interface ExperimentMessage {
  readonly experiment_id: string;
  readonly display_name: string;
  readonly description?: string;
  readonly created_at: string;
  readonly storage_state: StorageState;
  /** The epoch where no run was made yet. */
  readonly last_run_created_at: string;
}

export interface RuntimeConfigMessage {
  /** Only what the caller passed. */
  readonly parameters?: JsonObject;
  readonly pipeline_root?: string;
}

export interface PipelineVersionReferenceMessage {
  readonly pipeline_id: string;
  readonly pipeline_version_id?: string;
}

export interface StateMessage {
  readonly update_time: string;
  readonly state: RuntimeState;
  readonly error?: StatusMessage;
}

export interface RunMessage {
  readonly run_id: string;
  readonly experiment_id: string;
  readonly display_name: string;
  readonly description?: string;
  readonly state: RuntimeState;
  readonly storage_state: StorageState;
  readonly created_at: string;
  readonly scheduled_at: string;
  /** The epoch while the run is not finished. */
  readonly finished_at: string;
  readonly service_account?: string;
  readonly runtime_config: RuntimeConfigMessage;
  /** One of this and `pipeline_spec`. */
  readonly pipeline_version_reference?: PipelineVersionReferenceMessage;
  readonly pipeline_spec?: JsonObject;
  /** The first task that failed, why, and the last lines of its log; the original leaves it out. */
  readonly error?: StatusMessage;
  readonly recurring_run_id?: string;
  readonly state_history: readonly StateMessage[];
  /** Absent in lists and before the first task. */
  readonly run_details?: { readonly task_details: readonly TaskMessage[] };
}

/** One task of the pipeline; graphs and iterations have theirs, and those in them point to it by `parent_task_id`. */
export interface TaskMessage {
  readonly run_id: string;
  readonly task_id: string;
  readonly display_name: string;
  readonly create_time: string;
  readonly start_time?: string;
  readonly end_time?: string;
  readonly state: RuntimeState;
  readonly state_history: readonly StateMessage[];
  /** Ids of artifacts by input or output name. */
  readonly inputs: Readonly<Record<string, { readonly artifact_ids: readonly string[] }>>;
  readonly outputs: Readonly<Record<string, { readonly artifact_ids: readonly string[] }>>;
  readonly parent_task_id?: string;
  /** Tasks in this one, and the pods that ran it. */
  readonly child_tasks?: readonly ({ readonly task_id: string } | { readonly pod_name: string })[];
  /** Pod of the last attempt. */
  readonly pod_name?: string;
  readonly error?: StatusMessage;

  // Beyond the original.
  /** Key of the task in its graph. */
  readonly name: string;
  readonly kind: "container" | "importer" | "dag" | "loop" | "iteration";
  readonly iteration?: number;
  /** Whether the outputs are those of an earlier task. */
  readonly cached: boolean;
  /** Id of that task. */
  readonly cached_from?: string;
  /** Why the last attempt ended as it did, such as `OOMKilled`. */
  readonly reason?: string;
  readonly input_parameters: JsonObject;
  readonly output_parameters: JsonObject;
  readonly input_artifacts: Readonly<Record<string, readonly ArtifactMessage[]>>;
  readonly output_artifacts: Readonly<Record<string, readonly ArtifactMessage[]>>;
  readonly attempts: readonly AttemptMessage[];
}

export interface AttemptMessage {
  readonly job_name: string;
  readonly pod_name?: string;
  readonly node_name?: string;
  readonly start_time: string;
  readonly container_start_time?: string;
  readonly end_time?: string;
  readonly exit_code?: number;
  /** Whether something ended it that is not the step's fault, such as the loss of its node. */
  readonly lost?: boolean;
  readonly reason?: string;
  readonly message?: string;
}

/** Beyond the original: `GET /artifacts/{artifact_id}`. */
export interface ArtifactMessage {
  readonly artifact_id: string;
  readonly name: string;
  /** Schema title, such as `system.Metrics`. */
  readonly type: string;
  readonly uri: string;
  readonly metadata: JsonObject;
}

/** Beyond the original: `GET /artifacts/{artifact_id}:preview`. */
export interface ArtifactPreviewMessage {
  /** What lies at the URI: one entry with an empty path for a file, the files of a directory, none where nothing was written. */
  readonly entries: readonly { readonly path: string; readonly bytes: string }[];
  /** The entry that is shown; absent where there is none. */
  readonly path?: string;
  /** Beginning of it where it is text. */
  readonly text?: string;
  /** Whether there is more than the text. */
  readonly truncated?: boolean;
  /** Whether it is not text. */
  readonly binary?: boolean;
}

export interface TriggerMessage {
  readonly cron_schedule?: { readonly cron: string; readonly start_time?: string; readonly end_time?: string };
  readonly periodic_schedule?: {
    readonly interval_second: string;
    readonly start_time?: string;
    readonly end_time?: string;
  };
}

export interface RecurringRunMessage {
  readonly recurring_run_id: string;
  readonly experiment_id: string;
  readonly display_name: string;
  readonly description?: string;
  readonly pipeline_version_reference?: PipelineVersionReferenceMessage;
  readonly pipeline_spec?: JsonObject;
  readonly runtime_config: RuntimeConfigMessage;
  readonly service_account?: string;
  readonly max_concurrency: string;
  readonly trigger: TriggerMessage;
  readonly mode: "ENABLE" | "DISABLE";
  readonly status: "ENABLED" | "DISABLED";
  readonly no_catchup: boolean;
  readonly created_at: string;
  readonly updated_at: string;
  readonly namespace: string;

  // Beyond the original.
  /** Time of the schedule that was last turned into a run. */
  readonly last_scheduled_at?: string;
  /** Time of the next run; absent where it is disabled or over. */
  readonly next_scheduled_at?: string;
  /** Why the last time could not be turned into a run. */
  readonly error?: StatusMessage;
}
