import { type Definition, definition, type Schema } from "./definition";

/** Group and version of pipelines and their versions. */
export const PIPELINES_GROUP = "pipelines.kubeflow.org";
export const PIPELINES_VERSION = "v2beta1";

const text: Schema = { type: "string" };
const tags: Schema = { type: "object", additionalProperties: text };

/** A pipeline by name; what it runs stands in its versions. */
const PIPELINE = definition({
  group: PIPELINES_GROUP,
  version: PIPELINES_VERSION,
  kind: "Pipeline",
  plural: "pipelines",
  properties: {
    spec: { type: "object", properties: { displayName: text, description: text, tags } },
  },
});

/**
 * The head of a compiled pipeline. The rest is judged by the backend's webhook, which knows the format; what stands
 * here is refused even while no backend runs.
 */
const PIPELINE_SPEC: Schema = {
  type: "object",
  description: "Compiled pipeline: ml_pipelines.PipelineSpec of Kubeflow's api/v2alpha1/pipeline_spec.proto.",
  "x-kubernetes-preserve-unknown-fields": true,
  required: ["pipelineInfo", "root", "schemaVersion"],
  properties: {
    pipelineInfo: {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      required: ["name"],
      properties: { name: { type: "string", pattern: "^[a-z0-9][a-z0-9-]{0,127}$" } },
    },
    root: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
    schemaVersion: { type: "string", enum: ["2.1.0"] },
  },
};

const CONDITION: Schema = {
  type: "object",
  required: ["message", "reason", "status", "type"],
  properties: {
    message: { type: "string", maxLength: 32768 },
    reason: text,
    status: { type: "string", enum: ["True", "False", "Unknown"] },
    type: { type: "string", maxLength: 316 },
  },
};

/** What a pipeline runs, for ever the same: new content is a new version. */
const PIPELINE_VERSION = definition({
  group: PIPELINES_GROUP,
  version: PIPELINES_VERSION,
  kind: "PipelineVersion",
  plural: "pipelineversions",
  properties: {
    spec: {
      type: "object",
      required: ["pipelineSpec"],
      properties: {
        pipelineName: text,
        versionName: { type: "string", maxLength: 253, pattern: "^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$" },
        displayName: text,
        description: text,
        codeSourceURL: text,
        pipelineSpecURI: text,
        tags,
        pipelineSpec: PIPELINE_SPEC,
        platformSpec: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
      },
    },
    status: { type: "object", properties: { conditions: { type: "array", items: CONDITION } } },
  },
  required: ["spec"],
  statusSubresource: true,
});

/** Both kinds, which every backend needs. */
export const PIPELINE_DEFINITIONS: readonly Definition[] = [PIPELINE, PIPELINE_VERSION];

const time: Schema = { type: "string", format: "date-time", nullable: true };
const bounds = { startTime: time, endTime: time };

/** A recurring run of the official backend; its API server makes them, nobody else (they need a row in its database). */
export const SCHEDULE_DEFINITION = definition({
  group: "kubeflow.org",
  version: "v1beta1",
  kind: "ScheduledWorkflow",
  plural: "scheduledworkflows",
  shortNames: ["swf"],
  properties: {
    spec: {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: {
        enabled: { type: "boolean" },
        noCatchup: { type: "boolean", nullable: true },
        maxConcurrency: { type: "integer", format: "int64", minimum: 1, maximum: 10, nullable: true },
        maxHistory: { type: "integer", format: "int64", minimum: 0, maximum: 100, nullable: true },
        trigger: {
          type: "object",
          properties: {
            cronSchedule: { type: "object", nullable: true, properties: { ...bounds, cron: text } },
            periodicSchedule: {
              type: "object",
              nullable: true,
              properties: { ...bounds, intervalSecond: { type: "integer", format: "int64", minimum: 0 } },
            },
          },
        },
        workflow: { type: "object", nullable: true, "x-kubernetes-preserve-unknown-fields": true },
        experimentId: text,
        pipelineId: text,
        pipelineVersionId: text,
        pipelineName: text,
        serviceAccount: text,
      },
    },
    // The controller writes times that were never set as null.
    status: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
  required: ["spec", "status"],
});
