import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import type { PropertyMap } from "../support/values";
import { ApiError, UnreachableError } from "./api-error";
import type { Connection } from "./kubeconfig";

/** How long one answer may take; the API server itself gives up after 60 s. */
const REQUEST_MILLISECONDS = 65_000;
/** How long an overloaded or restarting API server is asked again. */
const RETRY_MILLISECONDS = 15_000;
/** A refused connection is retried for less: either the server restarts (2–4 s) or there is none. */
const REFUSED_MILLISECONDS = 5_000;
const TRANSIENT_STATUS = new Set([429, 502, 503, 504]);
const TRANSIENT_CODES = new Set(["ECONNRESET", "EPIPE", "ECONNREFUSED", "ETIMEDOUT"]);

interface Call {
  readonly method: "GET" | "PATCH" | "DELETE";
  readonly path: string;
  readonly contentType?: string;
  readonly body?: string;
  /** Asked only once: the answer is a courtesy, and waiting for it would hide what it explains. */
  readonly once?: boolean;
}

export interface ApplyOptions {
  readonly fieldManager: string;
  readonly force: boolean;
  readonly dryRun: boolean;
}

/**
 * Talks to one API server over kept-alive connections. Node's https and not `@kubernetes/client-node`: that package
 * takes 620 ms and 60 MB to load, and a plugin process starts for every provider of every command.
 */
export class ApiClient {
  private readonly agent: HttpAgent | HttpsAgent;
  /** Set once retries were in vain: what follows fails at once instead of waiting again, one by one. */
  private unreachable = false;

  constructor(
    private readonly connection: Connection,
    private readonly signal: AbortSignal,
  ) {
    const pool = { keepAlive: true, maxSockets: 32 };
    this.agent =
      connection.server.protocol === "http:" ? new HttpAgent(pool) : new HttpsAgent({ ...pool, ...connection.tls });
  }

  /** @throws ApiError, UnreachableError */
  async get(path: string): Promise<PropertyMap> {
    return JSON.parse(await this.send({ method: "GET", path })) as PropertyMap;
  }

  /** Like {@link get}; undefined where there is no such object. */
  async find(path: string): Promise<PropertyMap | undefined> {
    try {
      return await this.get(path);
    } catch (error) {
      if (error instanceof ApiError && error.code === 404) return undefined;
      throw error;
    }
  }

  /** The body as it is, for logs; asked once. */
  text(path: string): Promise<string> {
    return this.send({ method: "GET", path, once: true });
  }

  /** Server-side apply: makes or changes the object so that it has these fields, and owns them. */
  async apply(
    path: string,
    manifest: PropertyMap,
    { fieldManager, force, dryRun }: ApplyOptions,
  ): Promise<PropertyMap> {
    const query = new URLSearchParams({ fieldManager, fieldValidation: "Strict", force: String(force) });
    if (dryRun) query.set("dryRun", "All");
    // JSON is YAML, the only encoding that every API server accepts for apply patches.
    const contentType = "application/apply-patch+yaml";
    const body = JSON.stringify(manifest);
    return JSON.parse(
      await this.send({ method: "PATCH", path: `${path}?${query.toString()}`, contentType, body }),
    ) as PropertyMap;
  }

  /** Asks for deletion; resolves when that is accepted, which may be long before the object is gone. */
  async delete(path: string, propagationPolicy: string): Promise<void> {
    const body = JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", propagationPolicy });
    await this.send({ method: "DELETE", path, contentType: "application/json", body });
  }

  private async send(call: Call): Promise<string> {
    const start = Date.now();
    for (let pause = 100; ; pause = Math.min(pause * 2, 2000)) {
      try {
        const answer = await this.attempt(call);
        this.unreachable = false;
        return answer;
      } catch (error) {
        const patience = call.once === true ? 0 : this.patience(error);
        if (Date.now() + pause > start + patience) throw this.final(error);
        const asked = error instanceof ApiError ? error.retryAfterSeconds * 1000 : 0;
        await sleep(Math.min(Math.max(pause, asked), patience), undefined, { signal: this.signal });
      }
    }
  }

  /** Milliseconds for which an error is worth another attempt. */
  private patience(error: unknown): number {
    if (this.signal.aborted) return 0;
    if (error instanceof ApiError) return isTransient(error) ? RETRY_MILLISECONDS : 0;
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (this.unreachable || !TRANSIENT_CODES.has(code)) return 0;
    return code === "ECONNREFUSED" ? REFUSED_MILLISECONDS : RETRY_MILLISECONDS;
  }

  private final(error: unknown): unknown {
    if (error instanceof ApiError || this.signal.aborted) return error;
    this.unreachable = true;
    return new UnreachableError(this.connection.server.origin, error);
  }

  private attempt({ method, path, contentType, body }: Call): Promise<string> {
    const { server, authorization } = this.connection;
    const token = authorization();
    const headers = {
      accept: "application/json",
      "user-agent": "pulumi-kubernetes-stand-in",
      ...(token === undefined ? {} : { authorization: token }),
      ...(contentType === undefined ? {} : { "content-type": contentType }),
      // Node frames the body of a DELETE only where its length is said.
      ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
    };
    const url = new URL(server.pathname.replace(/\/$/, "") + path, server);
    const request = server.protocol === "http:" ? httpRequest : httpsRequest;
    return new Promise((done, fail) => {
      const options = { method, headers, agent: this.agent, signal: this.signal, timeout: REQUEST_MILLISECONDS };
      const outgoing = request(url, options, (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", fail);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          const code = response.statusCode ?? 0;
          if (code >= 200 && code < 300) done(text);
          else fail(new ApiError(code, statusOf(text, response.headers["retry-after"])));
        });
      });
      outgoing.on("timeout", () =>
        outgoing.destroy(Object.assign(new Error("no answer in time"), { code: "ETIMEDOUT" })),
      );
      outgoing.on("error", fail);
      outgoing.end(body);
    });
  }
}

function statusOf(body: string, retryAfter: string | undefined): PropertyMap {
  let status: PropertyMap;
  try {
    status = JSON.parse(body) as PropertyMap;
  } catch {
    status = body.trim() === "" ? {} : { message: body.trim().slice(0, 500) };
  }
  return retryAfter === undefined ? status : { details: { retryAfterSeconds: Number(retryAfter) || 0 }, ...status };
}

/** Whether the same call may succeed a moment later: an overloaded server, or one that changes its leader. */
function isTransient({ code, message }: ApiError): boolean {
  return TRANSIENT_STATUS.has(code) || (code === 500 && message.startsWith("etcdserver:"));
}
