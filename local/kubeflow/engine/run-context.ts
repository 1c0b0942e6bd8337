import type { ObjectStore } from "../artifacts/object-store";
import type { ContainerRunner } from "../jobs/container-runner";
import type { Run, Store } from "../model";
import type { Pipeline } from "../ir/pipeline";
import type { RunField } from "../ir/placeholders";
import type { TaskRecords } from "./records";
import type { Slots } from "./slots";

export interface EngineSettings {
  /** Folder of this process alone; logs are kept in it. */
  readonly stateDirectory: string;
  /** Where this process sees the volume that steps mount parts of. */
  readonly sharedDirectory: string;
  /** `s3://<bucket>/<prefix>` below which artifacts are written where neither run nor pipeline says. */
  readonly pipelineRoot: string;
  /** Containers that run at the same time, of all runs together. */
  readonly parallelism: number;
}

/** What the engine works with. */
export interface EngineParts {
  readonly store: Store;
  readonly runner: ContainerRunner;
  readonly objects: ObjectStore;
  readonly settings: EngineSettings;
  /** Lines for the operator's log. */
  readonly report: (line: string) => void;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** What all tasks of a run share. */
export interface RunContext {
  readonly parts: EngineParts;
  readonly run: Run;
  readonly pipeline: Pipeline;
  readonly pipelineRoot: string;
  readonly records: TaskRecords;
  readonly slots: Slots;
  readonly signal: AbortSignal;
  readonly now: () => number;
}

/** Fields of the run that texts may name; those of the task are of the one that asks. */
export function runField(context: RunContext, task: { readonly id: string; readonly name: string }) {
  const { run, pipelineRoot } = context;
  return (field: RunField): string => {
    switch (field) {
      case "pipeline_job_name":
        return run.displayName;
      case "pipeline_job_resource_name":
      case "pipeline_job_uuid":
        return run.id;
      case "pipeline_task_name":
        return task.name;
      case "pipeline_task_uuid":
        return task.id;
      case "pipeline_job_create_time_utc":
        return utc(run.createdAt);
      case "pipeline_job_schedule_time_utc":
        return utc(run.scheduledAt);
      case "pipeline_root":
        return pipelineRoot;
    }
  };
}

function utc(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, "Z");
}
