import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { PIPELINES_GROUP, PIPELINES_VERSION } from "../platform/kubeflow/definitions";
import type { Json, JsonObject } from "./runs/messages";
import {
  Experiment,
  RecurringRun,
  Retention,
  Run,
  type PipelinesConnection,
  type RunArgs,
  type Schedule,
} from "./runs/resources";

/** A pipeline as its compiler hands it over. */
export interface CompiledPipeline {
  /** Lower-case letters, digits, `-`: name of its object in the cluster, too. */
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  /** First document of the compiled file. */
  readonly pipelineSpec: object;
  /** Second document, where there is one. */
  readonly platformSpec?: object;
  /** SHA-256 of the compiled file in hexadecimal digits; other content has another one. */
  readonly digest: string;
}

export interface RecommenderPipelineArgs {
  readonly pipeline: CompiledPipeline;
  /** Where pipelines run; its values are known once the backend answers. */
  readonly connection: PipelinesConnection;
  /** Values for the pipeline's own inputs; those left out have their defaults. @default none */
  readonly parameters?: Readonly<Record<string, pulumi.Input<Json>>>;
  /** Any text; another one runs the same version with the same parameters again. @default "" */
  readonly rerun?: string;
  /** Time for a whole run in minutes, the start of nodes included; a longer one is terminated. */
  readonly timeoutMinutes: number;
  /** When the pipeline runs again by itself, always in the version that has run last. @default never */
  readonly schedule?: Schedule;
  /** Versions that are kept to go back to, the present one included. @default 3 */
  readonly retainedVersions?: number;
  /** Ended runs that are kept with what is known of them, the present one included. @default 20 */
  readonly retainedRuns?: number;
}

const API_VERSION = `${PIPELINES_GROUP}/${PIPELINES_VERSION}`;
/** Digits of the digest in a version's name. */
const DIGEST_LENGTH = 10;

/**
 * A pipeline, its version as compiled now, and the run of that version, which the deploy waits for. Another step,
 * parameter or image is another digest, and so a new version and a new run; without one nothing happens.
 */
export class RecommenderPipeline extends pulumi.ComponentResource {
  /** Id by which the REST API knows the pipeline. */
  readonly pipelineId: pulumi.Output<string>;
  readonly versionId: pulumi.Output<string>;
  /** `<pipeline>-<beginning of the digest>`. */
  readonly versionName: string;
  /** The run, known once it has succeeded. */
  readonly runId: pulumi.Output<string>;
  /** Output parameters of the run by step, where the backend tells them. */
  readonly outputs: pulumi.Output<JsonObject>;
  /** Metrics of the run by step and artifact, where the backend tells them. */
  readonly metrics: pulumi.Output<JsonObject>;

  constructor(name: string, args: RecommenderPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:RecommenderPipeline", name, args, opts);
    this.versionName = versionName(args.pipeline);
    const pipeline = this.createPipeline(name, args, opts);
    this.pipelineId = pipeline.metadata.uid;
    const version = this.createVersion(name, args, pipeline);
    this.versionId = version.metadata.uid;
    const experiment = this.createExperiment(name, args, opts);
    const run = this.createRun(name, args, experiment);
    this.runId = run.runId;
    if (args.schedule) this.createSchedule(name, args, args.schedule, experiment, run);
    this.createRetention(name, args, experiment);
    this.outputs = run.outputs;
    this.metrics = run.metrics;
    this.registerOutputs({ versionName: this.versionName, runId: this.runId, metrics: this.metrics });
  }

  private createPipeline(name: string, args: RecommenderPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    const { pipeline, connection } = args;
    return new k8s.apiextensions.CustomResource(
      `${name}-pipeline`,
      {
        apiVersion: API_VERSION,
        kind: "Pipeline",
        metadata: { namespace: connection.namespace, name: pipeline.name },
        // Without a display name the API shows the object's name, but does not find the pipeline by it.
        spec: { displayName: pipeline.displayName ?? pipeline.name, description: pipeline.description },
      },
      // What a component waits for, its children do not by themselves.
      { parent: this, dependsOn: opts?.dependsOn },
    );
  }

  private createVersion(
    name: string,
    { pipeline, connection }: RecommenderPipelineArgs,
    { metadata }: k8s.apiextensions.CustomResource,
  ) {
    const { pipelineSpec, platformSpec } = pipeline;
    return new k8s.apiextensions.CustomResource(
      `${name}-version`,
      {
        apiVersion: API_VERSION,
        kind: "PipelineVersion",
        metadata: { namespace: connection.namespace, name: this.versionName },
        // Only what the digest is made of: a version refuses every other change.
        spec: { pipelineName: metadata.name, displayName: this.versionName, pipelineSpec, platformSpec },
      },
      {
        parent: this,
        // Runs and schedules still refer to the version before: Retention removes it once it is old enough. All of them
        // go with their Pipeline, which owns them.
        retainOnDelete: true,
      },
    );
  }

  private createExperiment(name: string, args: RecommenderPipelineArgs, opts?: pulumi.ComponentResourceOptions) {
    const { pipeline, connection } = args;
    return new Experiment(
      `${name}-experiment`,
      { ...connection, displayName: pipeline.name },
      { parent: this, dependsOn: opts?.dependsOn },
    );
  }

  private createRun(name: string, args: RecommenderPipelineArgs, experiment: Experiment) {
    const { rerun = "", timeoutMinutes } = args;
    const run = { ...this.runOf(args, experiment), versionName: this.versionName, rerun, timeoutMinutes };
    return new Run(`${name}-run`, { ...run, onDelete: "archive" }, { parent: this });
  }

  private createSchedule(
    name: string,
    args: RecommenderPipelineArgs,
    schedule: Schedule,
    experiment: Experiment,
    run: Run,
  ) {
    new RecurringRun(
      `${name}-schedule`,
      { ...this.runOf(args, experiment), displayName: `${args.pipeline.name}-schedule`, schedule },
      // A version whose first run fails leaves the schedule with the version before.
      { parent: this, dependsOn: run },
    );
  }

  private createRetention(name: string, args: RecommenderPipelineArgs, experiment: Experiment) {
    const { connection, retainedVersions = 3, retainedRuns = 20 } = args;
    new Retention(
      `${name}-retention`,
      {
        ...connection,
        experimentId: experiment.id,
        pipelineId: this.pipelineId,
        versionId: this.versionId,
        runId: this.runId,
        versions: retainedVersions,
        runs: retainedRuns,
      },
      { parent: this },
    );
  }

  private runOf(
    { connection, parameters = {} }: RecommenderPipelineArgs,
    experiment: Experiment,
  ): PipelinesConnection & Pick<RunArgs, "experimentId" | "pipelineId" | "versionId" | "parameters"> {
    return {
      ...connection,
      experimentId: experiment.id,
      pipelineId: this.pipelineId,
      versionId: this.versionId,
      parameters,
    };
  }
}

/** @throws Error where the digest is none, since versions with other content would then have the same name */
export function versionName({ name, digest }: Pick<CompiledPipeline, "name" | "digest">): string {
  if (!/^[0-9a-f]{64}$/.test(digest))
    throw new Error(`Pipeline ${name} has the digest "${digest}": it must be SHA-256.`);
  return `${name}-${digest.slice(0, DIGEST_LENGTH)}`;
}
