import { isDeepStrictEqual } from "node:util";
import type { Catalog } from "../catalog/catalog";
import { API_VERSION, belonging, packageOfVersion, type PipelineVersionObject } from "../catalog/objects";
import { ApiError } from "../api/errors";
import type { Engine } from "../model";

/** The parts of `admission.k8s.io/v1` that are read and written. */
export interface AdmissionRequest {
  readonly uid: string;
  readonly operation: "CREATE" | "UPDATE" | "DELETE" | "CONNECT";
  readonly namespace?: string;
  readonly object: PipelineVersionObject;
  readonly oldObject?: PipelineVersionObject | null;
}

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly patchType?: "JSONPatch";
  /** Base64 of the patch. */
  readonly patch?: string;
}

export interface Admission {
  readonly catalog: Pick<Catalog, "pipelineNamed">;
  readonly engine: Pick<Engine, "check">;
}

/** Gives a version the labels by which it is listed, and its pipeline as the owner that takes it along. */
export async function mutate({ catalog }: Admission, request: AdmissionRequest): Promise<AdmissionResponse> {
  const { uid, object } = request;
  if (isGoing(object)) return { uid, allowed: true };
  const pipeline = await catalog.pipelineNamed(object.spec.pipelineName ?? "").catch(absent);
  if (!pipeline) return noPipeline(request);
  const { labels, owner } = belonging({ name: pipeline.name, uid: pipeline.id });
  const others = (object.metadata.ownerReferences ?? []).filter(
    ({ kind, apiVersion }) => kind !== "Pipeline" || apiVersion !== API_VERSION,
  );
  const patch = [
    { op: "add", path: "/metadata/labels", value: { ...object.metadata.labels, ...labels } },
    { op: "add", path: "/metadata/ownerReferences", value: [...others, owner] },
  ];
  return {
    uid,
    allowed: true,
    patchType: "JSONPatch",
    patch: Buffer.from(JSON.stringify(patch)).toString("base64"),
  };
}

/** Refuses a version that could not run, or that is changed where it must not. */
export async function validate({ catalog, engine }: Admission, request: AdmissionRequest): Promise<AdmissionResponse> {
  const { uid, object, oldObject, operation } = request;
  if (operation === "UPDATE") {
    const changed = oldObject && !isGoing(object) ? fixedFieldThatChanged(oldObject, object) : undefined;
    const remedy = "Make a new version; only displayName and tags can change.";
    return changed ? refuse(uid, `Pipeline spec is immutable: ${changed} differs. ${remedy}`) : { uid, allowed: true };
  }
  if (!(await catalog.pipelineNamed(object.spec.pipelineName ?? "").catch(absent))) return noPipeline(request);
  try {
    engine.check(packageOfVersion(object));
  } catch (error) {
    return refuse(uid, `The pipeline spec is invalid: failed to parse: ${(error as Error).message}`);
  }
  return { uid, allowed: true };
}

/** Its pipeline may be gone already: what is on its way out is let go. */
const isGoing = ({ metadata }: PipelineVersionObject): boolean => metadata.deletionTimestamp !== undefined;

const CHANGEABLE: readonly string[] = ["displayName", "tags"];

function fixedFieldThatChanged(before: PipelineVersionObject, after: PipelineVersionObject): string | undefined {
  const [old, now]: readonly Record<string, unknown>[] = [before.spec, after.spec];
  const names = [...Object.keys(before.spec), ...Object.keys(after.spec)].filter((name) => !CHANGEABLE.includes(name));
  return names.find((name) => !isDeepStrictEqual(old?.[name], now?.[name]));
}

function noPipeline({ uid, object }: AdmissionRequest): AdmissionResponse {
  const name = object.spec.pipelineName;
  const problem = name
    ? `spec.pipelineName "${name}" doesn't map to an existing Pipeline object of the namespace. Create that Pipeline first.`
    : "spec.pipelineName is missing. Name a Pipeline of the same namespace.";
  return refuse(uid, problem);
}

function refuse(uid: string, message: string): AdmissionResponse {
  return { uid, allowed: false, status: { code: 400, reason: "BadRequest", message } };
}

function absent(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 5) return undefined;
  throw error;
}
