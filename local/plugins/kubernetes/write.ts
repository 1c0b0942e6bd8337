import { InitializationFailed, type CreateRequest, type UpdateRequest } from "../support/provider";
import { containsUnknown, type PropertyMap } from "../support/values";
import { ApiError } from "./api-error";
import { applyObject, isOwned, otherManagers } from "./apply";
import { awaitReady } from "./await-ready";
import { awaitGone } from "./await-gone";
import { describe, idOf, parseId, plain } from "./objects";
import { fieldManagerOf, outputsOf, previewOfCreate, previewOfUpdate } from "./outputs";
import { at, withValueAt } from "./paths";
import type { Session } from "./session";

/** Makes an object and waits until it is ready; in a preview, says what it would be. */
export async function create(session: Session, request: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
  const { urn, inputs, timeoutSeconds } = request;
  const fieldManager = fieldManagerOf(urn);
  if (request.preview) return { id: "", outputs: await previewCreate(session, inputs, fieldManager) };
  const wanted = plain(inputs);
  const path = await session.resolve(wanted);
  await refuseForeign(session, wanted, path, fieldManager);
  const live = await applyObject(session, wanted, { path, fieldManager, dryRun: false });
  const awaited = await awaitReady(session, urn, path, live, timeoutSeconds);
  const outputs = outputsOf(awaited.live, inputs, fieldManager);
  const id = idOf(awaited.live);
  if (awaited.problem !== undefined) throw new InitializationFailed(id, outputs, inputs, [awaited.problem]);
  return { id, outputs };
}

/** Changes an object in place and waits until it is ready again; in a preview, says what it would be. */
export async function update(session: Session, request: UpdateRequest): Promise<{ outputs: PropertyMap }> {
  const { urn, id, news, oldOutputs, timeoutSeconds } = request;
  const fieldManager = fieldManagerOf(urn, plain(oldOutputs));
  const wanted = inNamespaceOf(id, plain(news));
  if (request.preview) return { outputs: await previewUpdate(session, wanted, news, fieldManager) };
  const path = await session.resolve(wanted);
  const live = await applyObject(session, wanted, { path, fieldManager, dryRun: false });
  if (at(live, ["metadata", "deletionTimestamp"]) !== undefined) {
    throw new Error(`${describe(wanted)} is being deleted by somebody else. Run again once it is gone.`);
  }
  const awaited = await awaitReady(session, urn, path, live, timeoutSeconds);
  const outputs = outputsOf(awaited.live, news, fieldManager);
  if (awaited.problem !== undefined) throw new InitializationFailed(id, outputs, news, [awaited.problem]);
  return { outputs };
}

/** Inputs checked before their CRD was served lack the namespace that the object got. */
function inNamespaceOf(id: string, inputs: PropertyMap): PropertyMap {
  const { namespace } = parseId(id);
  const given = at(inputs, ["metadata", "namespace"]);
  if (namespace === undefined || given !== undefined) return inputs;
  return withValueAt(inputs, ["metadata", "namespace"], namespace) as PropertyMap;
}

/**
 * Refuses to take over an object that this resource did not make, and waits for one that is on its way out.
 *
 * @throws Error that names who manages it, and the remedies
 */
async function refuseForeign(session: Session, wanted: PropertyMap, path: string, fieldManager: string): Promise<void> {
  const existing = await session.client.find(path);
  if (!existing) return;
  if (at(existing, ["metadata", "deletionTimestamp"]) !== undefined) {
    await awaitGone(session, path, existing, 0, () => undefined);
    return;
  }
  // Ours: an earlier create was cut off before its answer reached the state.
  if (isOwned(existing, fieldManager) || session.force(wanted)) return;
  throw new Error(foreign(existing, fieldManager));
}

function foreign(existing: PropertyMap, fieldManager: string): string {
  const managers = otherManagers(existing, fieldManager).join(", ");
  return (
    `${describe(existing)} exists already (managed by ${managers}). ` +
    `Import it (option import: "${idOf(existing)}"), choose another name, or annotate the resource with pulumi.com/patchForce: "true" to take it over.`
  );
}

async function previewCreate(session: Session, inputs: PropertyMap, fieldManager: string): Promise<PropertyMap> {
  const wanted = plain(inputs);
  const echo = () => previewOfCreate(wanted, inputs, fieldManager);
  if (containsUnknown(wanted)) return echo();
  const path = await session.find(wanted);
  // The CRD comes with the same update.
  if (path === undefined) return echo();
  const existing = await session.client.find(path);
  if (existing) {
    // Ours: it is deleted before its replacement is made, which a dry run cannot know.
    const leaves = isOwned(existing, fieldManager) || at(existing, ["metadata", "deletionTimestamp"]) !== undefined;
    if (leaves || session.force(wanted)) return echo();
    throw new Error(foreign(existing, fieldManager));
  }
  try {
    const dryRun = await applyObject(session, wanted, { path, fieldManager, dryRun: true });
    return previewOfCreate(dryRun, inputs, fieldManager);
  } catch (error) {
    const { cause } = error as Error;
    // The namespace comes with the same update.
    if (cause instanceof ApiError && cause.code === 404 && cause.about === "namespaces") return echo();
    throw error;
  }
}

async function previewUpdate(
  session: Session,
  wanted: PropertyMap,
  news: PropertyMap,
  fieldManager: string,
): Promise<PropertyMap> {
  const path = containsUnknown(wanted) ? undefined : await session.find(wanted);
  if (path === undefined) return previewOfUpdate(wanted, news, fieldManager);
  const dryRun = await applyObject(session, wanted, { path, fieldManager, dryRun: true });
  return previewOfUpdate(dryRun, news, fieldManager);
}
