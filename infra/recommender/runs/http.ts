import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { clusterAccess, type ClusterAccess } from "./kubeconfig";

/** Longest wait for one answer; the API server itself gives up after 60 s. */
const ANSWER_MILLISECONDS = 65_000;
/** How long a call is tried again by default: a backend whose node is replaced is away for minutes. */
export const PATIENCE_MILLISECONDS = 180_000;
const TRANSIENT_STATUS = new Set([429, 502, 503, 504]);

export interface Call {
  readonly method: "GET" | "POST" | "DELETE";
  /** Path on the API server, with its query. */
  readonly path: string;
  readonly body?: unknown;
  /** Whether an answer of another form than JSON is taken as it is. */
  readonly asText?: boolean;
}

/** An answer that is no success. `message` is what the server said. */
export class RefusedError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
    this.name = "RefusedError";
  }
}

/** No answer at all, `code` being that of Node, such as `ECONNREFUSED`. */
export class UnreachableError extends Error {
  constructor(
    readonly server: string,
    readonly code: string,
    options: ErrorOptions,
  ) {
    super(`${server} does not answer (${code})`, options);
    this.name = "UnreachableError";
  }
}

/** Talks to one API server over kept-alive connections. */
export class ClusterHttp {
  private readonly access: ClusterAccess;
  private readonly agent: HttpAgent | HttpsAgent;

  constructor(
    kubeconfig: string,
    private readonly patienceMilliseconds = PATIENCE_MILLISECONDS,
  ) {
    this.access = clusterAccess(kubeconfig);
    const pool = { keepAlive: true, maxSockets: 4 };
    this.agent = this.plain ? new HttpAgent(pool) : new HttpsAgent({ ...pool, ...this.access.tls });
  }

  /**
   * Sends a call, again and again for a while where the server is overloaded, restarting or not reached. A POST is
   * repeated only where it cannot have had an effect; the caller finds out about the rest.
   *
   * @throws RefusedError, UnreachableError
   */
  async send(call: Call): Promise<unknown> {
    const deadline = Date.now() + this.patienceMilliseconds;
    for (let pause = 200; ; pause = Math.min(pause * 2, 5000)) {
      try {
        return await this.attempt(call);
      } catch (error) {
        if (!mayRepeat(call, error) || Date.now() + pause > deadline) throw error;
        await sleep(pause);
      }
    }
  }

  close(): void {
    this.agent.destroy();
  }

  private get plain(): boolean {
    return this.access.server.protocol === "http:";
  }

  private attempt({ method, path, body, asText }: Call): Promise<unknown> {
    const { server, authorization } = this.access;
    const content = body === undefined ? "" : JSON.stringify(body);
    const headers = {
      accept: asText ? "*/*" : "application/json",
      "content-type": "application/json",
      "content-length": Buffer.byteLength(content),
      ...(authorization !== undefined && { authorization }),
    };
    const options = { method, headers, agent: this.agent, timeout: ANSWER_MILLISECONDS };
    const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
    return new Promise((done, fail) => {
      const unreachable = (error: Error) => fail(new UnreachableError(server.origin, codeOf(error), { cause: error }));
      const outgoing = (this.plain ? httpRequest : httpsRequest)(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", unreachable);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const status = response.statusCode ?? 0;
          if (status < 200 || status > 299) fail(new RefusedError(status, messageOf(text)));
          else if (asText) done(text);
          else settle(text, done, fail);
        });
      });
      outgoing.on("timeout", () =>
        outgoing.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })),
      );
      outgoing.on("error", unreachable);
      outgoing.end(content);
    });
  }
}

function mayRepeat({ method }: Call, error: unknown): boolean {
  if (error instanceof UnreachableError) return method !== "POST" || error.code === "ECONNREFUSED";
  if (!(error instanceof RefusedError)) return false;
  // By 503 the API server says that it reached no pod; by 500 the backend that it tried and failed.
  if (method === "POST") return error.status === 503 || error.status === 429;
  return TRANSIENT_STATUS.has(error.status) || error.status === 500;
}

function codeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code ?? error.message;
}

function settle(text: string, done: (value: unknown) => void, fail: (error: Error) => void): void {
  try {
    done(text === "" ? {} : JSON.parse(text));
  } catch (error) {
    fail(new Error(`The answer is no JSON: ${text.slice(0, 80)}`, { cause: error }));
  }
}

/** What an error body says: Kubernetes and the pipelines both have `message`, the upload end points another field. */
function messageOf(text: string): string {
  try {
    const body = JSON.parse(text) as { message?: unknown; error_message?: unknown; details?: unknown };
    const inner = Array.isArray(body.details)
      ? (body.details[0] as { message?: unknown } | undefined)?.message
      : undefined;
    const said = [inner, body.message, body.error_message].find((part) => typeof part === "string" && part !== "");
    if (typeof said === "string") return said;
  } catch {
    // Not JSON: shown as it is.
  }
  return text.trim().slice(0, 500);
}
