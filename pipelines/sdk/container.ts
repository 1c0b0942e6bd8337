import { PipelineError } from "./errors";
import type { ContainerDefinition, ImporterDefinition, StepNode, Word } from "./graph";
import type { Part } from "./registry";
import { exceeds } from "./quantity";
import { MAX_CACHE_STALENESS, type Duration } from "./settings";
import { isParameter, type Spec } from "./types";
import { isReference } from "./values";

const QUANTITY = /^\d+(\.\d+)?(m|k|[MGTPE]|[KMGTPE]i)?$/;
const EXTENDED_RESOURCE = /^[a-z0-9.-]+\/[A-Za-z0-9._-]+$/;

/** What a step's container runs. */
export function containerExecutor(step: StepNode, definition: ContainerDefinition): Part {
  const { settings, given } = step;
  const image = settings.image ?? definition.image;
  if (image === undefined || image === "")
    throw new PipelineError({ ...step.place, field: "image" }, "it has none. Set it on the component or on the step.");
  if (definition.command.length + definition.args.length === 0) {
    const fault = "it has none, and the image's own entry point never runs. Give the component a command.";
    throw new PipelineError({ ...step.place, field: "command" }, fault);
  }
  const absent = Object.entries<Spec>(definition.inputs)
    .filter(([name, spec]) => isParameter(spec) && mayBeAbsent(given[name], spec.default !== undefined))
    .map(([name]) => name);
  const words = (list: readonly Word[]) => list.map((word) => writtenWord(word, definition, absent, step));
  const env = { ...definition.env, ...settings.env };
  const resources = resourcesOf(step);
  return {
    container: {
      image,
      ...(definition.command.length > 0 && { command: words(definition.command) }),
      ...(definition.args.length > 0 && { args: words(definition.args) }),
      ...(Object.keys(env).length > 0 && {
        env: Object.keys(env)
          .sort()
          .map((name) => ({ name, value: env[name] })),
      }),
      ...(Object.keys(resources).length > 0 && { resources }),
    },
  };
}

export function importerExecutor(step: StepNode, { outputs, metadata, reimport }: ImporterDefinition): Part {
  const uri = step.given["uri"];
  const { schemaTitle } = outputs.artifact;
  return {
    importer: {
      artifactUri: typeof uri === "string" ? { constant: uri } : { runtimeParameter: "uri" },
      typeSchema: { schemaTitle, schemaVersion: "0.0.1" },
      ...(Object.keys(metadata).length > 0 && { metadata }),
      ...(reimport && { reimport }),
    },
  };
}

/** How a result may be reused and how often a step is tried: fields of the step, not of what it runs. */
export function policies(step: StepNode): Part {
  const { cache = "on", retries } = step.settings;
  const cached = cache === "on" || (typeof cache === "object" && staleness(step, cache.maxStaleness) !== "P0D");
  return { cachingOptions: cached ? { enableCache: true } : {}, ...(retries && { retryPolicy: retryPolicy(step) }) };
}

/** Pod annotations that say what the IR has no field for. */
export function cacheAnnotations(step: StepNode): Readonly<Record<string, string>> {
  const { cache } = step.settings;
  return typeof cache === "object" ? { [MAX_CACHE_STALENESS]: staleness(step, cache.maxStaleness) } : {};
}

function staleness(step: StepNode, duration: Duration): string {
  if (/^P(?=\d|T\d)(\d+W)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?$/.test(duration)) return duration;
  const fault = `"${duration}" is no duration. Give ISO 8601 in weeks, days, hours, minutes or seconds, such as P7D or PT12H.`;
  throw new PipelineError({ ...step.place, field: "cache.maxStaleness" }, fault);
}

function retryPolicy(step: StepNode): Part | undefined {
  const { retries } = step.settings;
  if (!retries) return undefined;
  const { count, backoffSeconds = 0, backoffFactor = 2, maxBackoffSeconds = 3600 } = retries;
  if (!Number.isInteger(count) || count < 1) {
    const fault = `${count} is no number of further tries. Give a whole number from 1, or leave retries out.`;
    throw new PipelineError({ ...step.place, field: "retries.count" }, fault);
  }
  for (const [field, value] of Object.entries({ backoffSeconds, backoffFactor, maxBackoffSeconds })) {
    if (Number.isFinite(value) && value >= 0) continue;
    throw new PipelineError({ ...step.place, field: `retries.${field}` }, `${value} is below 0. Give 0 or more.`);
  }
  return {
    maxRetryCount: count,
    backoffDuration: `${backoffSeconds}s`,
    backoffFactor,
    backoffMaxDuration: `${maxBackoffSeconds}s`,
  };
}

function resourcesOf(step: StepNode): Part {
  const { requests, limits, gpu } = step.settings;
  const quantities = {
    resourceCpuRequest: requests?.cpu,
    resourceCpuLimit: limits?.cpu,
    resourceMemoryRequest: requests?.memory,
    resourceMemoryLimit: limits?.memory,
  };
  for (const [field, value] of Object.entries(quantities)) {
    if (value === undefined || QUANTITY.test(value)) continue;
    const fault = `"${value}" is no quantity. Give one of Kubernetes, such as 500m or 2Gi.`;
    throw new PipelineError({ ...step.place, field }, fault);
  }
  for (const [field, request, limit] of [
    ["resourceCpuRequest", requests?.cpu, limits?.cpu],
    ["resourceMemoryRequest", requests?.memory, limits?.memory],
  ] as const) {
    if (!exceeds(request, limit)) continue;
    const fault = `"${request}" is more than the limit "${limit}", and no pod is made of such. Lower it, or raise the limit.`;
    throw new PipelineError({ ...step.place, field }, fault);
  }
  if (gpu && (!Number.isInteger(gpu.count) || gpu.count < 1)) {
    const fault = `${gpu.count} is no number of GPUs. Give a whole number from 1, or leave gpu out.`;
    throw new PipelineError({ ...step.place, field: "gpu.count" }, fault);
  }
  if (gpu?.type !== undefined && !EXTENDED_RESOURCE.test(gpu.type)) {
    const fault = `"${gpu.type}" is no resource of a node. Give one such as nvidia.com/gpu, and choose the card by nodeSelector.`;
    throw new PipelineError({ ...step.place, field: "gpu.type" }, fault);
  }
  const accelerator = gpu && { resourceType: gpu.type ?? "nvidia.com/gpu", resourceCount: String(gpu.count) };
  const set = Object.entries({ ...quantities, accelerator }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(set);
}

/** Whether nothing at all is handed to an input: then a placeholder for it has no value. */
function mayBeAbsent(given: unknown, hasDefault: boolean): boolean {
  if (isReference(given)) return given.origin.from === "input" && given.origin.optional;
  return given === undefined && !hasDefault;
}

function writtenWord(word: Word, { inputs }: ContainerDefinition, absent: readonly string[], step: StepNode): string {
  const field = "args";
  if (typeof word === "string") {
    const missing = absent.find((name) => word.includes(`$.inputs.parameters['${name}']`));
    if (missing === undefined) return word;
    const fault = `"${word}" mentions input "${missing}", which has no value here. Write it as { ifPresent: "${missing}", then: […] }, or give it a default.`;
    throw new PipelineError({ ...step.place, field }, fault);
  }
  const spec = inputs[word.ifPresent];
  if (!spec || !isParameter(spec)) {
    const fault = `ifPresent names "${word.ifPresent}", which is no parameter among its inputs. Name one.`;
    throw new PipelineError({ ...step.place, field }, fault);
  }
  const then = [...word.then];
  const otherwise = [...(word.otherwise ?? [])];
  if (JSON.stringify([then, otherwise]).includes("{{$.outputs")) {
    const fault = `ifPresent of "${word.ifPresent}" mentions an output, which the backend leaves as it is. Mention outputs outside of it.`;
    throw new PipelineError({ ...step.place, field }, fault);
  }
  return JSON.stringify({
    IfPresent: { InputName: word.ifPresent, Then: then, ...(otherwise.length > 0 && { Else: otherwise }) },
  });
}
