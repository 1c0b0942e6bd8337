import type { Instance } from "../../instance";
import { isRead } from "../platform";
import type { Call } from "../server/call";
import { permissionsDenied } from "../server/errors";

/** IAM is of the organization, not of a project. */
export function requireIamRights(call: Call): void {
  const action = isRead(call.operation.split(".")[1] ?? "") ? "read" : "write";
  if (!call.principal.may("iam", action)) throw permissionsDenied("iam", action);
}

/** The organization a body names; there is one, and any other is refused. */
export function organizationOf(instance: Instance, named: string | undefined): string {
  const { organizationId } = instance.account;
  if (named !== undefined && named !== "" && named !== organizationId) throw permissionsDenied("organization", "write");
  return organizationId;
}
