import { randomUUID } from "node:crypto";
import type { JsonObject, PipelinePackage, PipelineVersionReference, Run } from "../model";
import type { Backend } from "./backend";
import { invalid, notFound } from "./errors";
import { checkParameters } from "./parameters";

/** What is to run: a package that the caller has, or a version of the catalog. */
export interface Source {
  readonly package?: PipelinePackage;
  readonly version?: { readonly pipelineId?: string; readonly pipelineVersionId?: string };
  readonly parameters: JsonObject;
}

export interface RunRequest extends Source {
  readonly displayName: string;
  readonly description?: string;
  readonly experimentId: string;
  readonly serviceAccount?: string;
  readonly pipelineRoot?: string;
  /** @default a new one */
  readonly id?: string;
  /** @default now */
  readonly scheduledAt?: number;
  readonly recurringRunId?: string;
}

/** A run that was checked. */
export interface PreparedRun extends Run {
  /** Writes it and dates its experiment; inside `Store.change`. */
  put(): void;
}

/** @throws ApiError where the pipeline, its parameters or the experiment do not fit */
export async function prepareRun(backend: Backend, request: RunRequest): Promise<PreparedRun> {
  const { store, now } = backend;
  const { displayName, description, experimentId, serviceAccount, parameters, pipelineRoot, recurringRunId } = request;
  const content = await resolve(backend, request);
  const createdAt = now();
  const run: Run = {
    id: request.id ?? randomUUID(),
    experimentId,
    displayName,
    description,
    state: "PENDING",
    storageState: "AVAILABLE",
    createdAt,
    scheduledAt: request.scheduledAt ?? createdAt,
    serviceAccount,
    parameters,
    pipelineRoot,
    ...content,
    recurringRunId,
    history: [{ time: createdAt, state: "PENDING" }],
  };
  const put = (): void => {
    const experiment = store.experiments.get(experimentId);
    if (!experiment) throw notFound("Experiment", experimentId);
    store.experiments.put({ ...experiment, lastRunCreatedAt: createdAt });
    store.runs.put(run);
  };
  return { ...run, put };
}

/** The package to run, accepted by the engine, and where it is from. @throws ApiError */
export async function resolve(
  backend: Backend,
  { package: given, version, parameters }: Source,
): Promise<{ readonly package: PipelinePackage; readonly version?: PipelineVersionReference }> {
  const resolved = given ? { package: given } : await fromCatalog(backend, version ?? {});
  checkPackage(backend, resolved.package);
  checkParameters(resolved.package, parameters);
  return resolved;
}

async function fromCatalog({ catalog }: Backend, { pipelineId, pipelineVersionId }: NonNullable<Source["version"]>) {
  if (pipelineVersionId === undefined && pipelineId === undefined)
    throw invalid("Nothing to run: give a pipeline_version_reference or a pipeline_spec.");
  const version = pipelineVersionId
    ? await catalog.version(pipelineId, pipelineVersionId)
    : await catalog.latestVersion(pipelineId ?? "");
  return { package: version.package, version: { pipelineId: version.pipelineId, pipelineVersionId: version.id } };
}

/** Refuses at once what the engine could not carry out. */
export function checkPackage({ engine }: Pick<Backend, "engine">, content: PipelinePackage): void {
  try {
    engine.check(content);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}
