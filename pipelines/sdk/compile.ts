import { createHash } from "node:crypto";
import { PipelineError } from "./errors";
import type { AnyPipeline } from "./pipeline";
import { GraphWriter } from "./graph-writer";
import { isParameter, type JsonObject, type Specs, type Spec } from "./types";
import { yamlDocument } from "./yaml-document";

/** A pipeline in the intermediate representation (IR) of Kubeflow Pipelines 2.17. */
export interface CompiledPipeline {
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  /** First document: message PipelineSpec as proto-JSON. */
  readonly pipelineSpec: JsonObject;
  /** Second document: `{ platforms: { kubernetes } }`; absent where no step needs it. */
  readonly platformSpec?: JsonObject;
  /** Both documents; the same bytes for the same pipeline. */
  readonly yaml: string;
  /** SHA-256 of `yaml` in hexadecimal digits: the content's name. */
  readonly digest: string;
}

/** An object of the cluster that holds a version must stay below what etcd takes in one request. */
const MAX_BYTES = 1_400_000;

/** @throws PipelineError that names pipeline, step and field, and says what to do */
export function compile({ definition }: AnyPipeline): CompiledPipeline {
  const { name, displayName, description, inputs } = definition;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    const fault = "its name must have lower-case letters, digits and `-` between them only. Rename it.";
    throw new PipelineError({ pipeline: name }, fault);
  }
  if (name.length > 128)
    throw new PipelineError({ pipeline: name }, `its name has ${name.length} characters. Shorten it to 128.`);
  refuseArtifacts(name, inputs);

  const writer = new GraphWriter();
  const root = writer.pipeline(definition);
  const { components, executors, platformExecutors } = writer.registry;
  const pipelineInfo = {
    name,
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
  };
  const pipelineSpec = sorted({
    pipelineInfo,
    root,
    components,
    deploymentSpec: { executors },
    schemaVersion: "2.1.0",
    sdkVersion: "recommender-pipelines-1",
  }) as JsonObject;
  const platforms = { kubernetes: { deploymentSpec: { executors: platformExecutors } } };
  const platformSpec = Object.keys(platformExecutors).length > 0 ? (sorted({ platforms }) as JsonObject) : undefined;
  const bytes = JSON.stringify([pipelineSpec, platformSpec]).length;
  if (bytes > MAX_BYTES) {
    const fault = `it has ${bytes} bytes, and the cluster takes ${MAX_BYTES} at most. Split it, or loop with forEach.`;
    throw new PipelineError({ pipeline: name }, fault);
  }
  const yaml = [pipelineSpec, ...(platformSpec ? [platformSpec] : [])].map(yamlDocument).join("---\n");
  return {
    name,
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    pipelineSpec,
    ...(platformSpec && { platformSpec }),
    yaml,
    digest: createHash("sha256").update(yaml).digest("hex"),
  };
}

function refuseArtifacts(name: string, inputs: Specs): void {
  const artifact = Object.entries<Spec>(inputs).find(([, spec]) => !isParameter(spec))?.[0];
  if (artifact === undefined) return;
  const fault =
    "a run cannot hand in artifacts. Import it in the pipeline with importer(…), or use this pipeline in another.";
  throw new PipelineError({ pipeline: name, field: `artifact "${artifact}"` }, fault);
}

/** The same content with the keys of every object in order, without fields that are undefined. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, field]) => [key, sorted(field)]));
}
