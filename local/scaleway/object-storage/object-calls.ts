import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { type Platform, touched } from "../platform";
import { backendCredentials } from "./backend";
import { type BackendClient, unavailable } from "./backend-client";
import { type Bucket, aclDocument, buckets, cannedAcl } from "./buckets";
import { SignedChunks } from "./chunked";
import { without } from "../server/without";
import { S3Error, accessDenied } from "./errors";
import type { S3Call } from "./front";

/** Headers that are for this connection, for the front, or made anew for the object server. */
const NOT_FORWARDED = new Set([
  ...["host", "authorization", "connection", "keep-alive", "expect", "transfer-encoding", "te", "upgrade"],
  ...["x-amz-date", "x-amz-content-sha256", "x-amz-security-token", "x-amz-acl", "x-auth-token"],
  ...["accept-encoding", "amz-sdk-invocation-id", "amz-sdk-request"],
]);

const SIGNED_CHUNKS = /^STREAMING-AWS4-HMAC-SHA256-PAYLOAD(-TRAILER)?$/;

/** Objects, their versions and uploads: checked here, kept by the object server behind the front. */
export class ObjectCalls {
  private readonly backendOwner: string;

  constructor(
    private readonly platform: Platform,
    private readonly backend: BackendClient,
  ) {
    this.backendOwner = backendCredentials(platform.instance).accessKey;
  }

  async answer(call: S3Call, bucket: Bucket): Promise<void> {
    const { operation, response, address } = call;
    if (operation.name === "s3.GetObjectAcl") {
      const text = aclDocument(bucket.project_id, bucket.objectAcls[address.key] ?? "private");
      response.writeHead(200, { "content-type": "application/xml", "content-length": Buffer.byteLength(text) });
      return void response.end(text);
    }
    if (operation.name === "s3.PutObjectAcl") {
      this.keepAcl(bucket, call);
      response.writeHead(200, { "content-length": 0 });
      return void response.end();
    }
    this.requireOwnSource(call);
    const reply = await this.forward(call, await this.selfCopyHeaders(call));
    const status = reply.statusCode ?? 502;
    if (status < 300 && ["s3.PutObject", "s3.CopyObject", "s3.CreateMultipartUpload"].includes(operation.name))
      this.keepAcl(bucket, call);
    await this.passOn(call, reply);
  }

  private keepAcl(bucket: Bucket, { signed, address: { key } }: S3Call): void {
    const acl = cannedAcl(signed.headers["x-amz-acl"]);
    if ((bucket.objectAcls[key] ?? "private") === acl) return;
    const others = without(bucket.objectAcls, key);
    const objectAcls = acl === "private" ? others : { ...others, [key]: acl };
    buckets(this.platform).put({ ...bucket, objectAcls, ...touched() });
  }

  /** A copy reads its source with the rights of the caller, not with those of the front. */
  private requireOwnSource({ signed, projectId, principal }: S3Call): void {
    const source = signed.headers["x-amz-copy-source"];
    if (source === undefined) return;
    const name = decodeURIComponent(source).replace(/^\//, "").split("/")[0] ?? "";
    if (buckets(this.platform).get(name)?.project_id !== projectId || !principal.may("s3-object", "read", projectId))
      throw accessDenied();
  }

  /**
   * Scaleway lets an object be copied onto itself with nothing changed, which the provider does; the object server wants
   * its metadata to be given anew, so they are read first.
   */
  private async selfCopyHeaders({ signed, address: { bucket, key } }: S3Call): Promise<Record<string, string>> {
    const source = decodeURIComponent(signed.headers["x-amz-copy-source"] ?? "").replace(/^\//, "");
    if (source !== `${bucket}/${key}` || signed.headers["x-amz-metadata-directive"] === "REPLACE") return {};
    const path = `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
    const { answer } = await this.backend.call({ method: "HEAD", path, query: new URLSearchParams(), headers: {} });
    const kept = Object.entries(answer.headers).filter(
      ([name, value]) => (name.startsWith("x-amz-meta-") || name === "content-type") && typeof value === "string",
    );
    return { ...(Object.fromEntries(kept) as Record<string, string>), "x-amz-metadata-directive": "REPLACE" };
  }

  private forward(call: S3Call, more: Record<string, string>): Promise<IncomingMessage> {
    const { request, signed, address } = call;
    const query = new URLSearchParams(signed.query);
    for (const name of [...query.keys()])
      if (
        /^x-amz-(algorithm|credential|date|expires|signedheaders|signature|content-sha256|security-token)$/i.test(name)
      )
        query.delete(name);
    const { body, headers, payloadHash } = this.payload(call);
    const key = address.key.split("/").map(encodeURIComponent).join("/");
    const path = address.key === "" ? `/${address.bucket}` : `/${address.bucket}/${key}`;
    return new Promise((done, fail) => {
      const opened = this.backend.open({
        method: signed.method,
        path,
        query,
        headers: { ...headers, ...more },
        payloadHash,
      });
      opened.on("error", (error) => fail(unavailable(error)));
      opened.on("response", done);
      body.on("error", (error) => {
        fail(error);
        opened.destroy();
      });
      request.on("aborted", () => opened.destroy());
      body.pipe(opened);
    });
  }

  private payload({ request, signed, signature, secretKey }: S3Call): {
    body: Readable;
    headers: Record<string, string>;
    payloadHash: string;
  } {
    const headers: Record<string, string> = {};
    for (const [name, value] of Object.entries(signed.headers)) if (!NOT_FORWARDED.has(name)) headers[name] = value;
    const payloadHash =
      signature?.payloadHash === "" ? "UNSIGNED-PAYLOAD" : (signature?.payloadHash ?? "UNSIGNED-PAYLOAD");
    if (!signature || secretKey === undefined || !SIGNED_CHUNKS.test(payloadHash))
      return { body: request, headers, payloadHash };
    const length = headers["x-amz-decoded-content-length"];
    if (length === undefined)
      throw new S3Error(411, "MissingContentLength", "x-amz-decoded-content-length is missing.");
    const encoding = headers["content-encoding"];
    const plain = without(headers, "content-encoding", "x-amz-decoded-content-length", "x-amz-trailer");
    const encodings = (encoding ?? "")
      .split(",")
      .map((each) => each.trim())
      .filter((each) => each !== "" && each !== "aws-chunked");
    const { scope, date, signature: seed } = signature;
    return {
      body: request.pipe(new SignedChunks({ secretKey, scope, date, seed })),
      headers: {
        ...plain,
        "content-length": length,
        ...(encodings.length > 0 && { "content-encoding": encodings.join(",") }),
      },
      payloadHash: "UNSIGNED-PAYLOAD",
    };
  }

  private async passOn({ address, projectId, response, signed }: S3Call, reply: IncomingMessage): Promise<void> {
    // Hop-by-hop headers, and those the front has set itself.
    const headers = without(reply.headers, "connection", "keep-alive", "x-amz-request-id", "x-amz-id-2", "server");
    const readsObject = address.key !== "" && signed.method === "GET" && (reply.statusCode ?? 0) < 300;
    if (readsObject || signed.method === "HEAD" || !(headers["content-type"] ?? "").includes("xml")) {
      response.writeHead(reply.statusCode ?? 502, headers);
      reply.pipe(response);
      return;
    }
    // Listings name the owner, and finished uploads their place: both are the front's, not those of the server behind.
    const chunks: Buffer[] = [];
    for await (const chunk of reply as AsyncIterable<Buffer>) chunks.push(chunk);
    const text = Buffer.concat(chunks)
      .toString("utf8")
      .replaceAll(`<ID>${this.backendOwner}</ID>`, `<ID>${projectId}:${projectId}</ID>`)
      .replaceAll(
        /<Location>[^<]*<\/Location>/g,
        `<Location>https://${address.bucket}.s3.${address.region}.scw.cloud/${address.key}</Location>`,
      );
    const plain = without(headers, "transfer-encoding");
    response.writeHead(reply.statusCode ?? 502, { ...plain, "content-length": Buffer.byteLength(text) });
    response.end(text);
  }
}
