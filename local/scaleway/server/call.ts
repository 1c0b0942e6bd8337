import type { Principal } from "../iam/principal";

/** One request as a handler sees it. */
export interface Call {
  /** Such as `k8s.CreateCluster`; names the call in the event log and in injected faults. */
  readonly operation: string;
  /** Values of the `{placeholders}` of the route. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Parsed JSON, undefined where the request had no body. */
  readonly body: unknown;
  readonly principal: Principal;
  /** True where a fault asks that what this call makes or changes never leaves its transient state. */
  readonly stuck: boolean;
  /** Ends when the client goes away. */
  readonly signal: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** Sent as JSON; undefined sends no body. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handler = (call: Call) => Answer | Promise<Answer>;

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with `{placeholders}`, each matching one segment. */
  readonly path: string;
  readonly operation: string;
  readonly handler: Handler;
}

/** Shorthand by which products list their routes. */
export const route = (method: Route["method"], path: string, operation: string, handler: Handler): Route => ({
  method,
  path,
  operation,
  handler,
});

export const ok = (body: unknown, headers?: Readonly<Record<string, string>>): Answer => ({
  status: 200,
  body,
  headers,
});

export const noContent: Answer = { status: 204 };

/** A required placeholder of the route. */
export function param(call: Call, name: string): string {
  const value = call.params[name];
  if (value === undefined) throw new Error(`${call.operation} has no placeholder {${name}} in its route.`);
  return value;
}
