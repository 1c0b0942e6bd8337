import { randomUUID } from "node:crypto";
import type { Instance } from "../instance";
import type { Collection, Store, Stored } from "./server/store";
import type { Call } from "./server/call";
import { notFound, permissionsDenied } from "./server/errors";
import type { Identity } from "./iam/identity";

/** What every product of the emulated API works with. */
export interface Platform {
  readonly instance: Instance;
  readonly store: Store;
  readonly identity: Identity;
  readonly timings: Timings;
  /** One line to the log of the process. */
  log(message: string): void;
}

/** How the emulator spends time, in milliseconds. */
export interface Timings {
  /**
   * A GET of an object in a transient state waits this long for it to settle before it answers. The real API answers at
   * once; the provider then sleeps 5 to 30 s between its polls, which a machine of one's own need not.
   */
  readonly hold: number;
  /** Pause before a failed start of a cluster or node is tried again. */
  readonly retry: number;
}

/** Times and ids every stored object has. */
export interface Timestamps {
  readonly created_at: string;
  readonly updated_at: string;
}

export function newborn(): Timestamps & { id: string } {
  const now = new Date().toISOString();
  return { id: randomUUID(), created_at: now, updated_at: now };
}

export const touched = (): { updated_at: string } => ({ updated_at: new Date().toISOString() });

/**
 * The record of a call's id, or 404. An object of a project that the caller has no rights in is answered 403 like any
 * other refusal, an object of another region or zone is not found.
 */
export function find<T extends Stored & Partial<Located>>(
  call: Call,
  collection: Collection<T>,
  resource: string,
  id: string,
): T {
  const record = collection.get(id);
  const elsewhere =
    (call.params["region"] !== undefined && record?.region !== undefined && record.region !== call.params["region"]) ||
    (call.params["zone"] !== undefined && record?.zone !== undefined && record.zone !== call.params["zone"]);
  if (!record || elsewhere) throw notFound(resource, id);
  if (record.project_id !== undefined) requireRights(call, record.project_id);
  return record;
}

export interface Located {
  readonly project_id: string;
  readonly region: string;
  readonly zone: string;
}

/** Refuses the call unless its principal may do this operation in the project. */
export function requireRights(call: Call, projectId: string): void {
  const [product = "", action = ""] = call.operation.split(".");
  if (!call.principal.may(product, isRead(action) ? "read" : "write", projectId))
    throw permissionsDenied(product, isRead(action) ? "read" : "write");
}

export const isRead = (action: string): boolean => /^(Get|List|Access)/.test(action);

/** Only what the caller may see: of the projects it has rights in, and of the one it asked for. */
export function visible<T extends Partial<Located>>(call: Call, records: readonly T[]): T[] {
  const [product = ""] = call.operation.split(".");
  const wanted = call.query.get("project_id") ?? "";
  return records.filter(
    (record) =>
      (call.params["region"] === undefined || record.region === undefined || record.region === call.params["region"]) &&
      (call.params["zone"] === undefined || record.zone === undefined || record.zone === call.params["zone"]) &&
      (record.project_id === undefined ||
        ((wanted === "" || record.project_id === wanted) && call.principal.may(product, "read", record.project_id))),
  );
}

/** Project that a create call names, or the caller's default one; refused where there is none of that id. */
export function projectFor(call: Call, platform: Platform, projectId: string | undefined): string {
  const id = projectId ?? call.principal.defaultProjectId;
  if (!platform.identity.projectExists(id)) throw permissionsDenied("project", "write");
  requireRights(call, id);
  return id;
}

/**
 * Waits until the object of a GET has left its transient state, at most as long as the timings allow; see
 * {@link Timings.hold}.
 */
export async function settled(platform: Platform, call: Call, isTransient: () => boolean): Promise<void> {
  const signal = AbortSignal.any([call.signal, AbortSignal.timeout(Math.max(1, platform.timings.hold))]);
  while (platform.timings.hold > 0 && !signal.aborted && isTransient()) await platform.store.changed(signal);
}
