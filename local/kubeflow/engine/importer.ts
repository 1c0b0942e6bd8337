import type { Artifact, Json, JsonObject, Task } from "../model";
import type { ImporterComponent } from "../ir/pipeline";
import { parseTemplate } from "../ir/placeholders";
import { NO_VALUES, stableId } from "./records";
import type { TaskEnd } from "./results";
import { type RunContext, runField } from "./run-context";
import { textOf } from "./value-text";

/** The artifact that an importer names. The same address is the same artifact, unless it is to be imported anew. */
export function importArtifact(component: ImporterComponent, task: Task, context: RunContext): TaskEnd {
  const { artifactUri, metadata = {}, reimport, typeSchema } = component.importer;
  const fill = (value: Json): Json => {
    if (typeof value === "string") return filled(value, task, context);
    if (Array.isArray(value)) return value.map(fill);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [textOf(filled(key, task, context)), fill(item)]),
    );
  };
  try {
    const constant = artifactUri.constant ?? artifactUri.constantValue?.stringValue;
    const uri =
      artifactUri.runtimeParameter !== undefined
        ? task.inputs.parameters[artifactUri.runtimeParameter]
        : fill(constant ?? "");
    if (typeof uri !== "string" || !/^s3:\/\/[^/]+\/.+/.test(uri))
      throw new Error(`The address to import is ${JSON.stringify(uri ?? null)}; it must be s3://<bucket>/<key>.`);
    const [output = "artifact"] = Object.keys(component.outputArtifacts);
    const artifact: Artifact = {
      id: reimport ? stableId(task.id, output) : stableId("imported", uri),
      name: output,
      type: typeSchema?.schemaTitle ?? component.outputArtifacts[output]?.type ?? "system.Artifact",
      uri,
      metadata: fill(metadata) as JsonObject,
    };
    return { state: "SUCCEEDED", outputs: { parameters: {}, artifacts: { [output]: [artifact] } } };
  } catch (error) {
    return { state: "FAILED", outputs: NO_VALUES, error: (error as Error).message };
  }
}

function filled(text: string, task: Task, context: RunContext): Json {
  const fieldOf = runField(context, task);
  const values = parseTemplate(text).map((part): Json => {
    if (typeof part === "string") return part;
    if (part.kind === "run") return fieldOf(part.field);
    const value = part.kind === "input-parameter" ? task.inputs.parameters[part.name] : undefined;
    if (value === undefined) throw new Error(`A part of "${text}" has no value.`);
    return value;
  });
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : values.map(textOf).join("");
}
