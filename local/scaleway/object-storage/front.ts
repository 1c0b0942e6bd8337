import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Principal } from "../iam/principal";
import type { Platform } from "../platform";
import { ApiError } from "../server/errors";
import type { EventLog } from "../server/events";
import type { Fault, Faults } from "../server/faults";
import { REGIONS } from "../server/validation";
import { BackendClient } from "./backend-client";
import { BucketCalls } from "./bucket-calls";
import { type Bucket, buckets } from "./buckets";
import { S3Error, accessDenied, noSuchBucket } from "./errors";
import { ObjectCalls } from "./object-calls";
import { type Address, type Operation, operationOf } from "./operations";
import { type Signature, type SignedRequest, readSignature, verify } from "./signature";

/** A request that was understood and may be carried out. */
export interface S3Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly signed: SignedRequest;
  readonly signature: Signature | undefined;
  /** Secret key of the signer, for what is signed inside the body. */
  readonly secretKey: string | undefined;
  readonly address: Address;
  readonly operation: Operation;
  readonly principal: Principal;
  readonly projectId: string;
}

const HOST = new RegExp(`^(?:(.+)\\.)?s3\\.(${REGIONS.join("|")})\\.scw\\.cloud(?::\\d+)?$`);

/**
 * Scaleway's object storage as its clients see it: checks signatures against IAM keys, keeps buckets apart by project,
 * answers the parts of a bucket itself, and passes objects to the kept server behind it.
 */
export class ObjectStorageFront {
  private readonly bucketCalls: BucketCalls;
  private readonly objectCalls: ObjectCalls;

  constructor(
    private readonly platform: Platform,
    private readonly faults: Faults,
    private readonly events: EventLog,
  ) {
    const backend = new BackendClient(platform.instance);
    this.bucketCalls = new BucketCalls(platform, backend);
    this.objectCalls = new ObjectCalls(platform, backend);
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    void this.serve(request, response).catch((error: Error) => {
      this.platform.log(`object storage: ${request.method} ${request.url}: ${error.stack ?? error.message}`);
      response.destroy();
    });
  };

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const started = Date.now();
    const requestId = `tx${randomUUID().replaceAll("-", "")}`;
    const seen: { operation: string; principal: string; message?: string; fault?: Fault } = {
      operation: "s3.unknown",
      principal: "anonymous",
    };
    response.setHeader("x-amz-request-id", requestId);
    response.setHeader("x-amz-id-2", requestId);
    response.on("close", () =>
      this.events.add({
        operation: seen.operation,
        method: request.method ?? "",
        path: `${request.headers.host ?? ""}${new URL(request.url ?? "/", "http://s3").pathname}`,
        status: response.headersSent ? response.statusCode : 0,
        milliseconds: Date.now() - started,
        principal: seen.principal,
        message: seen.message,
        fault: seen.fault && `fault ${seen.fault.id}`,
      }),
    );
    try {
      const signed = signedRequest(request);
      const address = addressOf(signed);
      const operation = operationOf(signed.method, address, signed.query, "x-amz-copy-source" in signed.headers);
      seen.operation = operation.name;
      seen.fault = this.faults.take(operation.name);
      if (!(await beforeCommit(seen.fault, request))) return;
      const call = { request, response, signed, address, operation, ...this.authenticate(signed, address) };
      seen.principal = call.principal.label;
      if (seen.fault?.drop === "after") response.writeHead = () => response.destroy();
      await this.carryOut(call);
    } catch (error) {
      if (!(error instanceof S3Error)) throw error;
      seen.message = error.message;
      refuse(request, response, error, requestId);
    }
  }

  private carryOut(call: S3Call): Promise<void> {
    const { address, operation } = call;
    if (operation.name === "s3.ListBuckets" || operation.name === "s3.CreateBucket") {
      requireRights(call);
      return operation.name === "s3.ListBuckets" ? this.bucketCalls.list(call) : this.bucketCalls.create(call);
    }
    const bucket = buckets(this.platform).get(address.bucket);
    if (!bucket || bucket.region !== address.region) throw noSuchBucket();
    if (!mayAnyone(bucket, call)) {
      if (bucket.project_id !== call.projectId) throw accessDenied();
      requireRights(call);
    }
    return address.key === "" && this.bucketCalls.owns(call)
      ? this.bucketCalls.answer(call, bucket)
      : this.objectCalls.answer(call, bucket);
  }

  private authenticate(signed: SignedRequest, { region }: Address) {
    const signature = readSignature(signed);
    if (!signature) return { signature, secretKey: undefined, principal: anonymous, projectId: "" };
    const holder = this.holderOf(signature.accessKey);
    if (signature.region !== region)
      throw new S3Error(
        400,
        "AuthorizationHeaderMalformed",
        `The region '${signature.region}' is wrong; expecting '${region}'`,
      );
    verify(signed, signature, holder.secretKey);
    return { signature, ...holder, projectId: signature.projectId ?? holder.principal.defaultProjectId };
  }

  private holderOf(accessKey: string): { secretKey: string; principal: Principal } {
    try {
      const holder = this.platform.identity.byAccessKey(accessKey);
      if (holder) return holder;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error; // An expired key is as good as none.
    }
    throw new S3Error(403, "InvalidAccessKeyId", "The access key ID you provided does not exist in our records.");
  }
}

const anonymous: Principal = { label: "anonymous", organizationId: "", defaultProjectId: "", may: () => false };

function requireRights({ principal, operation, projectId }: S3Call): void {
  if (!principal.may(operation.product, operation.action, projectId)) throw accessDenied();
}

/** Reading of what an ACL makes public needs no key. */
function mayAnyone(bucket: Bucket, { operation, address: { key } }: S3Call): boolean {
  const acl = key === "" ? bucket.acl : bucket.objectAcls[key];
  const reads =
    operation.name === "s3.GetObject" ||
    operation.name === "s3.HeadObject" ||
    operation.name.startsWith("s3.ListObjects");
  return reads && (acl === "public-read" || acl === "public-read-write");
}

/** False where the fault ends the call before it is carried out. */
async function beforeCommit(fault: Fault | undefined, request: IncomingMessage): Promise<boolean> {
  if (fault?.delayMilliseconds !== undefined) await new Promise((done) => setTimeout(done, fault.delayMilliseconds));
  if (fault?.drop === "before") request.socket.destroy();
  if (fault?.drop === "before") return false;
  if (fault?.status !== undefined) {
    const code = typeof fault.body === "string" ? fault.body : "InternalError";
    throw new S3Error(fault.status, code, "This answer was asked for by an injected fault.");
  }
  return true;
}

function refuse(request: IncomingMessage, response: ServerResponse, error: S3Error, requestId: string): void {
  if (response.headersSent) return void response.destroy();
  const body = request.method === "HEAD" ? "" : error.xml(request.url ?? "/", requestId);
  // What was not read of the body would be taken for the next request.
  if (!request.complete) response.setHeader("connection", "close");
  response.writeHead(error.status, { "content-type": "application/xml", "content-length": Buffer.byteLength(body) });
  response.end(body);
  request.resume();
}

function signedRequest(request: IncomingMessage): SignedRequest {
  const url = request.url ?? "/";
  const at = url.indexOf("?");
  const headers: Record<string, string> = {};
  for (let index = 0; index + 1 < request.rawHeaders.length; index += 2) {
    const name = (request.rawHeaders[index] ?? "").toLowerCase();
    const value = request.rawHeaders[index + 1] ?? "";
    headers[name] = name in headers ? `${headers[name]},${value}` : value;
  }
  return {
    method: request.method ?? "GET",
    path: at < 0 ? url : url.slice(0, at),
    query: new URLSearchParams(at < 0 ? "" : url.slice(at + 1).replaceAll("+", "%2B")),
    headers,
  };
}

/** Bucket and key from a virtual host (`bucket.s3.…`) or from the path. */
function addressOf({ headers, path }: SignedRequest): Address {
  const [, virtual, region] = HOST.exec(headers["host"] ?? "") ?? [];
  if (region === undefined)
    throw new S3Error(400, "InvalidRequest", `The host "${headers["host"] ?? ""}" is no endpoint of object storage.`);
  const full = virtual === undefined ? path : `/${virtual}${path}`;
  const [, bucket = "", ...key] = full.split("/");
  try {
    return { region, bucket, key: decodeURIComponent(key.join("/")) };
  } catch {
    throw new S3Error(400, "InvalidURI", "Couldn't parse the specified URI.");
  }
}
