import { HttpError } from "../../kubernetes/http-client";

/** gRPC codes, which the API's errors carry, and the HTTP status of each. */
const HTTP_STATUS = {
  3: 400, // invalid argument
  5: 404, // not found
  6: 409, // already exists
  9: 400, // failed precondition
  12: 501, // not implemented
  13: 500, // internal
  14: 503, // unavailable
} as const;

export type ErrorCode = keyof typeof HTTP_STATUS;

/** A refusal that the caller reads. */
export class ApiError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }

  get status(): number {
    return HTTP_STATUS[this.code];
  }

  get body() {
    const { code, message } = this;
    return { code, message, details: [{ "@type": "type.googleapis.com/google.rpc.Status", code, message }] };
  }
}

export const invalid = (message: string): ApiError => new ApiError(3, message);
export const alreadyExists = (message: string): ApiError => new ApiError(6, message);
export const notNow = (message: string): ApiError => new ApiError(9, message);
export const notFound = (kind: string, id: string): ApiError => new ApiError(5, `${kind} ${id} not found.`);

/** What a failure of the cluster's API server means to our caller. */
export function fromCluster(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof HttpError)) {
    return new ApiError(14, `The cluster's API server does not answer: ${(error as Error).message}. Try again.`);
  }
  if (error.status === 404) return new ApiError(5, error.message);
  if (error.status === 409) return new ApiError(6, error.message);
  // Its storage begins anew, or it has too much to do.
  if (error.status === 429) return new ApiError(14, error.message);
  if (error.status >= 500 || error.status === 401 || error.status === 403) return new ApiError(13, error.message);
  return new ApiError(3, error.message);
}
