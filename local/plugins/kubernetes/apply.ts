import type { PropertyMap } from "../support/values";
import { ApiError, explain } from "./api-error";
import { describe, toManifest } from "./objects";
import { listAt, stringAt } from "./paths";
import type { Session } from "./session";

/** How long a write waits for what was made beside it: a webhook's server, a namespace's service account. */
const COMPANION_MILLISECONDS = 30_000;

export interface Write {
  readonly path: string;
  readonly fieldManager: string;
  readonly dryRun: boolean;
}

/**
 * Server-side apply of plain inputs.
 *
 * @throws Error that names the object, what the API server said, and for a conflict the remedy
 */
export async function applyObject(session: Session, inputs: PropertyMap, write: Write): Promise<PropertyMap> {
  const { path, ...options } = write;
  const deadline = Date.now() + (write.dryRun ? 0 : COMPANION_MILLISECONDS);
  for (;;) {
    try {
      return await session.client.apply(path, toManifest(inputs), { ...options, force: session.force(inputs) });
    } catch (error) {
      if (!(error instanceof ApiError) || !waitsForCompanion(error) || Date.now() > deadline) {
        throw refusal(error, inputs);
      }
      await session.pause(500);
    }
  }
}

/** Who owns fields of a live object, ourselves left out. */
export function otherManagers(live: PropertyMap, fieldManager: string): string[] {
  const managers = listAt(live, ["metadata", "managedFields"]).map((entry) => stringAt(entry, ["manager"]) ?? "");
  return [...new Set(managers)].filter((manager) => manager !== "" && manager !== fieldManager);
}

/** Whether an object is ours to write. One without any field but its name is owned by nobody, and so by us too. */
export function isOwned(live: PropertyMap, fieldManager: string): boolean {
  const managers = listAt(live, ["metadata", "managedFields"]).map((entry) => stringAt(entry, ["manager"]));
  return managers.length === 0 || managers.includes(fieldManager);
}

/** Refusals that pass by themselves: what the object needs was made a moment ago and is about to work. */
function waitsForCompanion({ code, message }: ApiError): boolean {
  const webhook = code === 500 && /failed calling webhook.*(connection refused|no endpoints|not found)/s.test(message);
  const serviceAccount = code === 403 && /error looking up service account/.test(message);
  return webhook || serviceAccount;
}

function refusal(error: unknown, inputs: PropertyMap): Error {
  const secret = inputs["kind"] === "Secret";
  if (
    error instanceof ApiError &&
    error.code === 409 &&
    error.causes.some((cause) => cause.reason === "FieldManagerConflict")
  ) {
    const fields = error.causes.map(({ message, field }) => `${field} (${message})`).join(", ");
    return new Error(
      `${describe(inputs)} cannot be changed, others own fields of it: ${fields}. ` +
        'Leave these fields to them, or annotate the resource with pulumi.com/patchForce: "true" to take them over.',
      { cause: error },
    );
  }
  return explain(error, "cannot be applied", describe(inputs), secret);
}
