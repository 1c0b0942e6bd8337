import type { Artifact, Json, JsonObject, Run, TaskValues } from "../model";
import type { Component, TaskNode } from "../ir/pipeline";
import type { ParameterSource } from "../ir/pipeline-spec";
import { parseTemplate, type RunField, type Template } from "../ir/placeholders";
import { coerce } from "./coerce";
import { select } from "./expressions";
import type { TaskEnd } from "./results";
import { textOf } from "./value-text";

/** Where the inputs of a task are looked up. */
export interface Surroundings {
  /** Inputs of the graph in which the task stands. */
  readonly graph: TaskValues;
  readonly ends: ReadonlyMap<string, TaskEnd>;
  readonly run: Run;
  readonly fieldOf: (field: RunField) => string;
}

/** The inputs of a task: those that its component declares, and beside them those that only texts and conditions name. */
export interface ResolvedInputs {
  readonly declared: TaskValues;
  readonly all: JsonObject;
}

/** @throws Error with one sentence where an input has no value, or one of another type */
export function resolveInputs(task: TaskNode, surroundings: Surroundings): ResolvedInputs {
  const { component } = task;
  const given: JsonObject = {};
  for (const [name, source] of Object.entries(task.parameters)) {
    const value = sourceValue(source, surroundings);
    if (value !== undefined)
      given[name] = source.parameterExpressionSelector ? select(value, source.parameterExpressionSelector) : value;
  }
  const all: JsonObject = { ...given };
  for (const [name, value] of Object.entries(given))
    if (isTemplate(task.parameters[name], value)) all[name] = filled(value, given, surroundings, name);
  const declared = declaredParameters(component, all, task.loop?.itemInput);
  return {
    declared: { parameters: declared, artifacts: artifactsOf(task, surroundings) },
    all: { ...all, ...declared },
  };
}

/** Values for the parameters of a component: converted, defaults filled in. @throws Error with one sentence */
export function declaredParameters(component: Component, given: JsonObject, except?: string): JsonObject {
  const declared: JsonObject = {};
  for (const [name, { type, optional, defaultValue }] of Object.entries(component.parameters)) {
    if (name === except) continue;
    const value = given[name] ?? defaultValue;
    if (value === undefined || value === null) {
      if (!optional) throw new Error(`Input "${name}" has no value: nothing that it could come from delivered one.`);
      continue;
    }
    try {
      declared[name] = coerce(value, type);
    } catch (error) {
      throw new Error(`Input "${name}" takes a ${type}: ${(error as Error).message}.`, { cause: error });
    }
  }
  return declared;
}

/** The value that a source names; undefined where there is none. */
export function sourceValue(source: ParameterSource, surroundings: Surroundings): Json | undefined {
  const { taskOutputParameter, componentInputParameter, runtimeValue, taskFinalStatus } = source;
  if (taskOutputParameter) {
    const end = surroundings.ends.get(taskOutputParameter.producerTask);
    return end?.state === "SUCCEEDED" ? end.outputs.parameters[taskOutputParameter.outputParameterKey] : undefined;
  }
  if (componentInputParameter !== undefined) return surroundings.graph.parameters[componentInputParameter];
  if (taskFinalStatus) return finalStatus(taskFinalStatus.producerTask, surroundings);
  const { constant, constantValue } = runtimeValue ?? {};
  return constant ?? constantValue?.stringValue ?? constantValue?.intValue ?? constantValue?.doubleValue;
}

function finalStatus(task: string, { ends, fieldOf }: Surroundings): JsonObject {
  const end = ends.get(task);
  return {
    state: end?.state ?? "SKIPPED",
    error: end?.error === undefined ? {} : { message: end.error },
    pipelineTaskName: task,
    pipelineJobResourceName: fieldOf("pipeline_job_resource_name"),
  };
}

function isTemplate(source: ParameterSource | undefined, value: Json): value is string {
  return source?.runtimeValue !== undefined && typeof value === "string" && value.includes("{{$");
}

/** A constant with its placeholders replaced; one that is a single placeholder has the value itself. */
function filled(text: string, given: JsonObject, { fieldOf }: Surroundings, input: string): Json {
  const template: Template = parseTemplate(text);
  const values = template.map((part): Json => {
    if (typeof part === "string") return part;
    if (part.kind === "run") return fieldOf(part.field);
    const value = part.kind === "input-parameter" ? given[part.name] : undefined;
    if (value !== undefined) return value;
    throw new Error(`Input "${input}" is "${text}", of which a part has no value.`);
  });
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values.map(textOf).join("");
}

function artifactsOf(task: TaskNode, { graph, ends }: Surroundings): Record<string, readonly Artifact[]> {
  const artifacts: Record<string, readonly Artifact[]> = {};
  for (const [name, { list, optional }] of Object.entries(task.component.artifacts)) {
    const { taskOutputArtifact: from, componentInputArtifact: input } = task.artifacts[name] ?? {};
    const end = from && ends.get(from.producerTask);
    const found =
      input !== undefined
        ? graph.artifacts[input]
        : from && end?.state === "SUCCEEDED"
          ? end.outputs.artifacts[from.outputArtifactKey]
          : undefined;
    if (found === undefined) {
      if (!optional) throw new Error(`Input artifact "${name}" is missing: nothing that it could come from made it.`);
      continue;
    }
    if (!list && found.length !== 1)
      throw new Error(`Input artifact "${name}" takes one artifact and got ${found.length}.`);
    artifacts[name] = found;
  }
  return artifacts;
}
