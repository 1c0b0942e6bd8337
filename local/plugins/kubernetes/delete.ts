import type { DeleteRequest } from "../support/provider";
import type { PropertyMap } from "../support/values";
import { ApiError, explain, UnreachableError } from "./api-error";
import { awaitGone } from "./await-gone";
import { annotation, DELETION_PROPAGATION, describe, isAnnotated, parseId, plain, SKIP_AWAIT } from "./objects";
import { withValueAt } from "./paths";
import type { Session } from "./session";

const PROPAGATION: Readonly<Record<string, string>> = {
  foreground: "Foreground",
  background: "Background",
  orphan: "Orphan",
};

/** Deletes an object with what it made, and waits until it is gone. One that is gone already is deleted. */
export async function remove(session: Session, request: DeleteRequest): Promise<void> {
  const object = identified(plain(request.outputs), request.id);
  try {
    await deleteObject(session, request, object);
  } catch (error) {
    if (!(error instanceof UnreachableError) || !session.configuration.deleteUnreachable) throw error;
    const message = `${describe(object)} is removed from the state only: ${error.message.split(". ", 1)[0]}.`;
    session.engine.log("warning", message, { urn: request.urn });
  }
}

async function deleteObject(session: Session, request: DeleteRequest, object: PropertyMap): Promise<void> {
  const path = await session.find(object);
  // Its CRD is gone, and took the object with it.
  if (path === undefined) return;
  const live = await session.client.find(path);
  if (!live) return;
  const policy = PROPAGATION[annotation(live, DELETION_PROPAGATION)?.toLowerCase() ?? ""] ?? "Foreground";
  try {
    await session.client.delete(path, policy);
  } catch (error) {
    if (error instanceof ApiError && error.code === 404) return;
    throw explain(error, "cannot be deleted", describe(object), object["kind"] === "Secret");
  }
  if (isAnnotated(live, SKIP_AWAIT)) return;
  let last = "";
  await awaitGone(session, path, live, request.timeoutSeconds, (message) => {
    if (message === last) return;
    last = message;
    session.engine.log("info", message, { urn: request.urn, ephemeral: true });
  });
}

/** The id says which object it is, even where the state was edited. */
function identified(outputs: PropertyMap, id: string): PropertyMap {
  const { namespace, name } = parseId(id);
  const named = withValueAt(outputs, ["metadata", "name"], name) as PropertyMap;
  return namespace === undefined ? named : (withValueAt(named, ["metadata", "namespace"], namespace) as PropertyMap);
}
