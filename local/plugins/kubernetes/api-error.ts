import type { PropertyMap } from "../support/values";
import { listAt, numberAt, stringAt } from "./paths";

/** One reason of a refusal: which field, and why. */
export interface Cause {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** The API server answered, and refused. */
export class ApiError extends Error {
  readonly code: number;
  /** Machine-readable: `NotFound`, `Conflict`, `Invalid`, … */
  readonly reason: string;
  readonly causes: readonly Cause[];
  /** `kind` of what the answer is about, such as `namespaces` when an object's namespace is missing. */
  readonly about: string;

  /** @param status the `Status` object of the answer, or what could be made of its body */
  constructor(code: number, status: PropertyMap) {
    super(stringAt(status, ["message"]) ?? `the API server answered ${code}`);
    this.name = "ApiError";
    this.code = code;
    this.reason = stringAt(status, ["reason"]) ?? "";
    this.about = stringAt(status, ["details", "kind"]) ?? "";
    this.causes = listAt(status, ["details", "causes"]).map((cause) => ({
      field: stringAt(cause, ["field"]) ?? "",
      reason: stringAt(cause, ["reason"]) ?? "",
      message: stringAt(cause, ["message"]) ?? "",
    }));
    this.retryAfterSeconds = numberAt(status, ["details", "retryAfterSeconds"]);
  }

  /** 0 where the server named none. */
  readonly retryAfterSeconds: number;

  /** The refusal concerns fields that cannot change, so only a new object can have the new values. */
  get isImmutable(): boolean {
    return (this.code === 422 || this.code === 403) && this.immutableFields.length > 0;
  }

  /** Fields that the server calls immutable. Its wording is all there is to tell them by. */
  get immutableFields(): readonly string[] {
    const immutable = /immutable|updates to .* forbidden|may not (be )?(change|update)|cannot be (change|update)d/i;
    return this.causes.filter(({ message }) => immutable.test(message)).map(({ field }) => field);
  }
}

/** No answer: the cluster is down, unreachable, or not what its certificate says. */
export class UnreachableError extends Error {
  constructor(server: string, cause: unknown) {
    const { code, message } = cause as { code?: string; message: string };
    super(
      `The Kubernetes cluster at ${server} cannot be reached (${code ?? message}). ` +
        "Check that it runs and that the provider's kubeconfig is current; if it is gone for good, " +
        "PULUMI_K8S_DELETE_UNREACHABLE=true removes its resources from the state.",
    );
    this.name = "UnreachableError";
  }
}

/** `error` in a sentence about an object; `secret` objects never have their values repeated. */
export function explain(error: unknown, action: string, object: string, secret: boolean): Error {
  if (!(error instanceof ApiError)) return error instanceof Error ? error : new Error(String(error));
  return new Error(`${object} ${action}: ${secret ? withoutValues(error) : error.message}`, { cause: error });
}

/** A refusal may quote the values that it refuses. */
function withoutValues(error: ApiError): string {
  const fields = error.causes.map(({ field, reason }) => `${field} (${reason})`).join(", ");
  if (error.code !== 422 && error.code !== 400) return error.message;
  return `the API server refuses ${fields === "" ? "it" : fields}; its message may quote the secret and is not shown`;
}
