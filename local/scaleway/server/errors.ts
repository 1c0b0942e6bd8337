/** An answer that refuses a call, in the bodies Scaleway uses; thrown by any handler. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly body: Readonly<Record<string, unknown>>,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${status} ${typeof body["message"] === "string" ? body["message"] : JSON.stringify(body)}`);
  }
}

export interface ArgumentFault {
  readonly argument_name: string;
  readonly reason: "unknown" | "required" | "format" | "constraint";
  readonly help_message: string;
}

export const notFound = (resource: string, id: string): ApiError =>
  new ApiError(404, { type: "not_found", message: "resource is not found", resource, resource_id: id });

export const invalidArguments = (...details: ArgumentFault[]): ApiError =>
  new ApiError(400, { type: "invalid_arguments", message: "invalid argument(s)", details });

/** The common case of one argument whose value breaks a rule. */
export const breaksRule = (argument_name: string, help_message: string): ApiError =>
  invalidArguments({ argument_name, reason: "constraint", help_message });

export const permissionsDenied = (resource: string, action: string): ApiError =>
  new ApiError(403, {
    type: "permissions_denied",
    message: "insufficient permissions",
    details: [{ resource, action }],
  });

export const quotaExceeded = (resource: string, quota: number, current: number): ApiError =>
  new ApiError(403, {
    type: "quotas_exceeded",
    message: "quota exceeded",
    details: [{ resource, quota, current }],
  });

export const authenticationDenied = (reason: "not_found" | "expired" | "invalid_argument"): ApiError =>
  new ApiError(401, {
    type: "denied_authentication",
    message: "authentication is denied",
    method: "api_key",
    reason,
  });

export const transientState = (resource: string, id: string, state: string): ApiError =>
  new ApiError(409, {
    type: "transient_state",
    message: "resource is in a transient state",
    resource,
    resource_id: id,
    current_state: state,
  });

export type Precondition =
  "resource_still_in_use" | "attribute_must_be_set" | "protected_resource" | "resource_not_usable";

export const preconditionFailed = (precondition: Precondition, help_message: string): ApiError =>
  new ApiError(412, {
    type: "precondition_failed",
    message: "precondition is not respected",
    precondition,
    help_message,
  });
