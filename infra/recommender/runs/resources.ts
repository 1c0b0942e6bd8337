import * as pulumi from "@pulumi/pulumi";
import type { Json, JsonObject } from "./messages";
import { providerOf } from "./provider";

/** The pipelines' REST API: a Service of a cluster. */
export interface PipelinesConnection {
  /** Secret. A renewed one changes nothing. */
  readonly kubeconfig: pulumi.Input<string>;
  /** Which cluster it is. Another one has runs of its own. */
  readonly clusterId: pulumi.Input<string>;
  readonly namespace: pulumi.Input<string>;
  /** Name of the Service. */
  readonly service: pulumi.Input<string>;
  /** Its port that speaks http. */
  readonly port: pulumi.Input<number>;
}

const MODULE = "pipelines";
/** How the API server is reached: neither shown as a change nor worth one. */
const REACHED_BY = ["kubeconfig", "service", "port"];
const PLACE = ["clusterId", "namespace"];

const experiments = providerOf("experiment", {
  replace: [...PLACE, "displayName"],
  ignore: REACHED_BY,
  deleteBeforeReplace: false,
});
const runs = providerOf("run", {
  replace: [...PLACE, "versionId", "versionName", "parameters", "rerun"],
  ignore: REACHED_BY,
  deleteBeforeReplace: false,
});
const recurringRuns = providerOf("recurringRun", {
  replace: [
    ...PLACE,
    ...["displayName", "experimentId", "pipelineId", "versionId", "parameters"],
    ...["cron", "intervalSeconds", "maxConcurrency", "catchUp"],
  ],
  ignore: REACHED_BY,
  // Both would start runs for a moment.
  deleteBeforeReplace: true,
});
const retentions = providerOf("retention", {
  replace: [...PLACE, "pipelineId"],
  ignore: REACHED_BY,
  deleteBeforeReplace: false,
});

export interface ExperimentArgs extends PipelinesConnection {
  /** An experiment of that name which is there already is taken over. */
  readonly displayName: pulumi.Input<string>;
}

/** A group of runs. Its deletion archives it, and so its runs, which stay readable. */
export class Experiment extends pulumi.dynamic.Resource {
  constructor(name: string, args: ExperimentArgs, opts?: pulumi.CustomResourceOptions) {
    super(experiments, name, { ...args }, secretive(opts), MODULE, "Experiment");
  }
}

export interface RunArgs extends PipelinesConnection {
  readonly experimentId: pulumi.Input<string>;
  readonly pipelineId: pulumi.Input<string>;
  readonly versionId: pulumi.Input<string>;
  /** First part of the run's name. */
  readonly versionName: pulumi.Input<string>;
  readonly parameters: Readonly<Record<string, pulumi.Input<Json>>>;
  /** Any text; another one runs the same version with the same parameters again. */
  readonly rerun: string;
  /** After that long a run that has not ended is terminated, and the deploy fails. */
  readonly timeoutMinutes: number;
  /** What happens to the run when another takes its place. */
  readonly onDelete: "archive" | "delete";
}

/**
 * One run of a pipeline version, which the deploy waits for: its progress is part of the output, and a failed step fails
 * the deploy. Another version or other parameters make another run.
 */
export class Run extends pulumi.dynamic.Resource {
  declare readonly runId: pulumi.Output<string>;
  declare readonly runName: pulumi.Output<string>;
  declare readonly state: pulumi.Output<string>;
  /** RFC 3339. */
  declare readonly finishedAt: pulumi.Output<string>;
  /** Output parameters by step, where the backend tells them. */
  declare readonly outputs: pulumi.Output<JsonObject>;
  /** Metadata of metrics artifacts by step and artifact, where the backend tells them. */
  declare readonly metrics: pulumi.Output<JsonObject>;

  constructor(name: string, args: RunArgs, opts?: pulumi.CustomResourceOptions) {
    const results = ["runId", "runName", "state", "finishedAt", "outputs", "metrics"];
    const unknown = Object.fromEntries(results.map((key) => [key, undefined]));
    super(runs, name, { ...unknown, ...args }, secretive(opts), MODULE, "Run");
  }
}

/** When runs are started. */
export type Schedule = {
  /** Runs at the same time, 1 to 10. @default 1 */
  readonly maxConcurrency?: number;
  /** Whether times that passed while the backend was away are made up for. @default false */
  readonly catchUp?: boolean;
  /** @default true */
  readonly enabled?: boolean;
} & (
  | {
      /** Six fields, seconds first, in UTC, such as `0 0 3 * * *`; or `@daily`. */
      readonly cron: string;
    }
  | { readonly intervalSeconds: number }
);

export interface RecurringRunArgs extends PipelinesConnection {
  readonly displayName: pulumi.Input<string>;
  readonly experimentId: pulumi.Input<string>;
  readonly pipelineId: pulumi.Input<string>;
  readonly versionId: pulumi.Input<string>;
  readonly parameters: Readonly<Record<string, pulumi.Input<Json>>>;
  readonly schedule: Schedule;
}

/** Runs of a version again and again. Any change but that of `enabled` makes another schedule, after the old one went. */
export class RecurringRun extends pulumi.dynamic.Resource {
  constructor(name: string, { schedule, ...args }: RecurringRunArgs, opts?: pulumi.CustomResourceOptions) {
    const defaults = { maxConcurrency: 1, catchUp: false, enabled: true };
    super(recurringRuns, name, { ...args, ...defaults, ...schedule }, secretive(opts), MODULE, "RecurringRun");
  }
}

export interface RetentionArgs extends PipelinesConnection {
  readonly experimentId: pulumi.Input<string>;
  readonly pipelineId: pulumi.Input<string>;
  /** Version and run of the stack, which always stay. */
  readonly versionId: pulumi.Input<string>;
  readonly runId: pulumi.Input<string>;
  /** Versions to keep, the newest ones. */
  readonly versions: number;
  /** Ended runs to keep, the newest ones. */
  readonly runs: number;
}

/** Removes old runs and versions whenever there is a new one. Its own deletion removes nothing. */
export class Retention extends pulumi.dynamic.Resource {
  constructor(name: string, args: RetentionArgs, opts?: pulumi.CustomResourceOptions) {
    super(retentions, name, { ...args }, secretive(opts), MODULE, "Retention");
  }
}

function secretive(opts: pulumi.CustomResourceOptions = {}): pulumi.CustomResourceOptions {
  return { ...opts, additionalSecretOutputs: ["kubeconfig"] };
}
