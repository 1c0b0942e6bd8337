import * as http from "node:http";
import * as https from "node:https";

/** An answer outside 2xx. */
export class HttpError extends Error {
  constructor(
    readonly status: number,
    readonly body: string,
    request: string,
  ) {
    super(`${request} answered ${status}: ${messageOf(body)}`);
  }
}

/** True for an answer with this status; everything else, a refused connection included, is false. */
export function answered(error: unknown, ...statuses: number[]): boolean {
  return error instanceof HttpError && statuses.includes(error.status);
}

export interface HttpClientOptions {
  /** Without a trailing slash. */
  readonly baseUrl: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asked for each request: tokens of service accounts are renewed while a process runs. */
  readonly authorization?: () => string;
  /** PEM texts for https. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /** How long an answer may take. @default 30_000 */
  readonly timeoutMilliseconds?: number;
}

/**
 * JSON over http or https with connections kept open, and streams of JSON lines. On Node's core alone, because the
 * Kubernetes client library costs 100 MiB of memory per cluster and its informers are all that would be used of it.
 */
export class HttpClient {
  private readonly agent: http.Agent;
  private readonly send: typeof http.request;

  constructor(private readonly options: HttpClientOptions) {
    const secure = options.baseUrl.startsWith("https:");
    this.agent = secure
      ? new https.Agent({ keepAlive: true, ...options.tls })
      : new http.Agent({ keepAlive: true, maxSockets: 8 });
    this.send = secure ? https.request : http.request;
  }

  /** Sends and reads JSON; undefined for an empty answer. Throws HttpError outside 2xx. */
  async json<T>(method: string, path: string, body?: unknown, contentType = "application/json"): Promise<T> {
    return (await this.exchange<T>(method, path, body, contentType)).value;
  }

  /** As `json`, with the headers of the answer. */
  async exchange<T>(
    method: string,
    path: string,
    body?: unknown,
    contentType = "application/json",
  ): Promise<{ value: T; headers: http.IncomingHttpHeaders }> {
    const response = await this.open(method, path, body, contentType);
    const text = await textOf(response);
    const status = response.statusCode ?? 0;
    if (status < 200 || status > 299) throw new HttpError(status, text, `${method} ${path}`);
    return { value: (text === "" ? undefined : JSON.parse(text)) as T, headers: response.headers };
  }

  /** Reads an endless answer line by line until it ends or `signal` aborts; rejects when the connection breaks. */
  async lines(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    const response = await this.stream(path, signal);
    response.setEncoding("utf8");
    let rest = "";
    for await (const chunk of response as AsyncIterable<string>) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) if (line !== "") onLine(line);
    }
  }

  /** An answer as it comes. Throws HttpError for all but 200. */
  async stream(path: string, signal: AbortSignal): Promise<http.IncomingMessage> {
    const response = await this.open("GET", path, undefined, "", signal);
    if (response.statusCode === 200) return response;
    throw new HttpError(response.statusCode ?? 0, await textOf(response), `GET ${path}`);
  }

  /** Closes idle connections so that the process can end. */
  close(): void {
    this.agent.destroy();
  }

  private open(
    method: string,
    path: string,
    body: unknown,
    contentType: string,
    signal?: AbortSignal,
  ): Promise<http.IncomingMessage> {
    const payload = body === undefined ? undefined : JSON.stringify(body);
    const headers: Record<string, string | number> = { accept: "application/json", ...this.options.headers };
    if (this.options.authorization) headers["authorization"] = this.options.authorization();
    if (payload !== undefined) {
      headers["content-type"] = contentType;
      headers["content-length"] = Buffer.byteLength(payload);
    }
    return new Promise((done, fail) => {
      const request = this.send(this.options.baseUrl + path, { method, headers, agent: this.agent, signal });
      // A stream is silent for as long as nothing changes; only an answer that is due can be late.
      if (!signal) {
        const limit = this.options.timeoutMilliseconds ?? 30_000;
        request.setTimeout(limit, () => request.destroy(new Error(`${method} ${path} had no answer in ${limit} ms.`)));
      }
      request.once("response", done);
      request.once("error", fail);
      request.end(payload);
    });
  }
}

async function textOf(response: http.IncomingMessage): Promise<string> {
  response.setEncoding("utf8");
  let text = "";
  for await (const chunk of response as AsyncIterable<string>) text += chunk;
  return text;
}

function messageOf(body: string): string {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === "string") return message;
  } catch {
    // Not JSON: the text itself is shown.
  }
  return body.slice(0, 300) || "no body";
}
