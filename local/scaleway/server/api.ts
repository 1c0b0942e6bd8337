import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../iam/principal";
import type { Platform } from "../platform";
import { ApiError, invalidArguments } from "./errors";
import type { Answer, Call } from "./call";
import type { EventLog } from "./events";
import type { Fault, Faults } from "./faults";
import type { Router } from "./router";

const LARGEST_BODY_BYTES = 1024 * 1024;

/** Operations that need no token. */
const OPEN = new Set(["_local.Health"]);

export interface ApiParts {
  readonly platform: Platform;
  readonly router: Router;
  readonly faults: Faults;
  readonly events: EventLog;
}

/** The HTTP side of the API: token, route, fault, handler, answer, event; one call after the other of each connection. */
export class Api {
  constructor(private readonly parts: ApiParts) {}

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    void this.serve(request, response).catch((error: Error) => {
      this.parts.platform.log(`${request.method} ${request.url}: ${error.stack ?? error.message}`);
      response.destroy();
    });
  };

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { router, faults, events, platform } = this.parts;
    const started = Date.now();
    const method = request.method ?? "GET";
    const url = new URL(request.url ?? "/", "http://api");
    const found = router.find(method, url.pathname);
    const operation = found?.route.operation ?? "unknown";
    const caller: { principal?: Principal } = {};
    // Faults are for the API; the calls that set them are not counted.
    const fault = operation.startsWith("_local.") ? undefined : faults.take(operation);
    let message: string | undefined;

    const run = async (): Promise<Answer> => {
      try {
        if (!OPEN.has(operation)) caller.principal = platform.identity.bySecretKey(tokenOf(request));
        if (!found) throw notImplemented(method, url.pathname);
        const call: Call = {
          operation,
          params: found.params,
          query: url.searchParams,
          body: await readBody(request),
          principal: caller.principal ?? anonymous,
          stuck: fault?.stuck ?? false,
          signal: closing(response),
        };
        return await found.route.handler(call);
      } catch (error) {
        if (!(error instanceof ApiError)) platform.log(`${operation}: ${(error as Error).stack ?? String(error)}`);
        const refusal = error instanceof ApiError ? error : internalError(error as Error);
        message = refusal.message;
        return { status: refusal.status, body: refusal.body, headers: refusal.headers };
      }
    };

    const answer = await applyFault(fault, run);
    if (answer === "dropped") request.socket.destroy();
    else send(response, answer);
    events.add({
      operation,
      method,
      path: url.pathname,
      status: answer === "dropped" ? 0 : answer.status,
      milliseconds: Date.now() - started,
      principal: caller.principal?.label ?? "anonymous",
      fault: fault && describe(fault),
      message,
    });
    if (!request.complete) request.resume();
  }
}

const anonymous: Principal = { label: "anonymous", organizationId: "", defaultProjectId: "", may: () => false };

interface Raw extends Answer {
  /** Replaces the JSON of `body`. */
  readonly raw?: { readonly contentType?: string; readonly text: string };
}

/** Carries a call out as the fault has it. */
async function applyFault(fault: Fault | undefined, run: () => Promise<Answer>): Promise<Raw | "dropped"> {
  if (!fault) return run();
  if (fault.delayMilliseconds !== undefined) await new Promise((done) => setTimeout(done, fault.delayMilliseconds));
  if (fault.drop === "before") return "dropped";
  const replaced = fault.status === undefined ? undefined : faultAnswer(fault, fault.status);
  if (replaced && !fault.commit) return replaced;
  const answer = await run();
  if (fault.drop === "after") return "dropped";
  return replaced ?? answer;
}

function faultAnswer({ body, contentType, retryAfterSeconds }: Fault, status: number): Raw {
  const headers: Record<string, string> = {};
  if (retryAfterSeconds !== undefined) headers["Retry-After"] = String(retryAfterSeconds);
  if (status === 429) headers["X-Envoy-Ratelimited"] = "true";
  if (body === undefined) return { status, headers };
  if (typeof body === "string")
    return { status, headers, raw: { contentType: contentType ?? "text/plain", text: body } };
  return { status, headers, body };
}

const describe = (fault: Fault): string =>
  [
    fault.delayMilliseconds !== undefined && `delay ${fault.delayMilliseconds} ms`,
    fault.drop && `dropped ${fault.drop} commit`,
    fault.status !== undefined && `status ${fault.status}${fault.commit ? " after commit" : ""}`,
    fault.stuck && "stuck",
  ]
    .filter(Boolean)
    .join(", ");

function send(response: ServerResponse, answer: Raw): void {
  const text = answer.raw?.text ?? (answer.body === undefined ? "" : JSON.stringify(answer.body));
  // The autoscaler compares the content type as a whole: no charset.
  const contentType = answer.raw ? answer.raw.contentType : answer.body === undefined ? undefined : "application/json";
  response.writeHead(answer.status, {
    Server: "Scaleway API Gateway (local)",
    "X-Request-Id": randomUUID(),
    ...(contentType === undefined ? {} : { "Content-Type": contentType }),
    ...(answer.status === 204 ? {} : { "Content-Length": Buffer.byteLength(text) }),
    ...answer.headers,
  });
  response.end(text);
}

/** 501 is the one server error that the provider does not retry, so that a gap shows at once. */
const notImplemented = (method: string, path: string): ApiError =>
  new ApiError(501, {
    type: "not_implemented",
    message: `The local Scaleway API does not know ${method} ${path}.`,
  });

const internalError = (error: Error): ApiError =>
  new ApiError(500, { type: "internal_error", message: `The local Scaleway API failed: ${error.message}` });

function tokenOf(request: IncomingMessage): string | undefined {
  const token = request.headers["x-auth-token"];
  return Array.isArray(token) ? token[0] : token;
}

function closing(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_BODY_BYTES)
      throw invalidArguments({
        argument_name: "body",
        reason: "constraint",
        help_message: `the body has more than ${LARGEST_BODY_BYTES} bytes`,
      });
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString("utf8").trim();
  if (text === "") return undefined;
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body;
  } catch {
    // Said below, as for JSON that is no object.
  }
  throw invalidArguments({ argument_name: "body", reason: "format", help_message: "the body is not a JSON object" });
}
