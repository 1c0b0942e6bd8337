import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Instance } from "../../instance";
import { BACKEND_REGION, backendCredentials } from "./backend";
import { S3Error } from "./errors";
import { canonicalQuery, sign } from "./signature";

export interface BackendRequest {
  readonly method: string;
  /** `/bucket/key`, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** As `x-amz-content-sha256` wants it. */
  readonly payloadHash: string;
}

/** Sends requests to the object server behind the front, signed with the keys only the two of them know. */
export class BackendClient {
  private readonly host: string;

  constructor(private readonly instance: Instance) {
    this.host = `127.0.0.1:${instance.ports.objectStorageBackend}`;
  }

  /** Opens a request; the caller sends the body and listens for the answer. */
  open({ method, path, query, headers, payloadHash }: BackendRequest): ClientRequest {
    const credentials = { ...backendCredentials(this.instance), region: BACKEND_REGION };
    const signed = sign({ method, path, query, headers: { ...headers, host: this.host } }, payloadHash, credentials);
    const search = canonicalQuery(query);
    return request({
      host: "127.0.0.1",
      port: this.instance.ports.objectStorageBackend,
      method,
      path: search === "" ? path : `${path}?${search}`,
      headers: signed,
    });
  }

  /** A request without a body, with its whole answer. */
  call(message: Omit<BackendRequest, "payloadHash">): Promise<{ answer: IncomingMessage; body: Buffer }> {
    return new Promise((done, fail) => {
      const opened = this.open({ ...message, payloadHash: "UNSIGNED-PAYLOAD" });
      opened.on("error", (error) => fail(unavailable(error)));
      opened.on("response", (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("error", fail);
        answer.on("end", () => done({ answer, body: Buffer.concat(chunks) }));
      });
      opened.end();
    });
  }
}

export const unavailable = (error: Error): S3Error =>
  new S3Error(
    503,
    "ServiceUnavailable",
    `The object server does not answer (${error.message}); see the log of the service "object-storage".`,
  );
