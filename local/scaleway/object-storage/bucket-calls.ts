import { type Platform, touched } from "../platform";
import { BackendClient } from "./backend-client";
import { type Bucket, buckets, cannedAcl, checkPart, nameMistake, readPart } from "./buckets";
import { S3Error } from "./errors";
import type { S3Call } from "./front";
import { type BucketPart, bucketPart } from "./operations";
import { sha256 } from "./signature";
import { document } from "./xml";

const LARGEST_PART_BYTES = 256 * 1024;

/** Buckets themselves, and those of their parts that the object server behind the front does not keep. */
export class BucketCalls {
  constructor(
    private readonly platform: Platform,
    private readonly backend: BackendClient,
  ) {}

  /** Whether a call on a bucket is answered here. */
  owns({ signed, operation }: S3Call): boolean {
    return (
      bucketPart(signed.query) !== undefined || ["s3.DeleteBucket", "s3.GetBucketLocation"].includes(operation.name)
    );
  }

  list({ response, projectId, address }: S3Call): Promise<void> {
    const own = buckets(this.platform).filter(
      ({ project_id, region }) => project_id === projectId && region === address.region,
    );
    const id = `${projectId}:${projectId}`;
    return send(
      response,
      document("ListAllMyBucketsResult", [
        [
          "Owner",
          [
            ["ID", id],
            ["DisplayName", id],
          ],
        ],
        [
          "Buckets",
          own.map(
            ({ name, created_at }) =>
              [
                "Bucket",
                [
                  ["Name", name],
                  ["CreationDate", created_at],
                ],
              ] as const,
          ),
        ],
      ]),
    );
  }

  async create({ signed, response, address, projectId }: S3Call): Promise<void> {
    const { bucket: name, region } = address;
    const mistake = nameMistake(name);
    if (mistake !== undefined) throw new S3Error(400, "InvalidBucketName", mistake);
    const taken = buckets(this.platform).get(name);
    if (taken?.project_id === projectId)
      throw new S3Error(
        409,
        "BucketAlreadyOwnedByYou",
        "Your previous request to create the named bucket succeeded and you already own it.",
      );
    if (taken) throw new S3Error(409, "BucketAlreadyExists", "The requested bucket name is not available.");
    const acl = cannedAcl(signed.headers["x-amz-acl"]);
    const lock = signed.headers["x-amz-bucket-object-lock-enabled"];
    const headers: Record<string, string> = lock === undefined ? {} : { "x-amz-bucket-object-lock-enabled": lock };
    const { answer, body } = await this.backend.call({
      method: "PUT",
      path: `/${name}`,
      query: new URLSearchParams(),
      headers,
    });
    // A bucket whose creation was interrupted may be there already without having been answered.
    if (answer.statusCode !== 200 && answer.statusCode !== 409) throw backendFailed(answer.statusCode, body);
    const now = new Date().toISOString();
    buckets(this.platform).put({
      id: name,
      name,
      region,
      project_id: projectId,
      parts: {},
      acl,
      objectAcls: {},
      created_at: now,
      updated_at: now,
    });
    response.writeHead(200, { location: `/${name}`, "content-length": 0 });
    response.end();
  }

  async answer(call: S3Call, bucket: Bucket): Promise<void> {
    const { signed, response } = call;
    const part = bucketPart(signed.query);
    if (part === undefined) return signed.method === "DELETE" ? this.delete(call, bucket) : location(call, bucket);
    if (signed.method === "GET") return send(response, readPart(bucket, part), part);
    if (signed.method === "DELETE") {
      this.keep(bucket, { ...bucket.parts, [part]: undefined });
      return empty(response, 204);
    }
    const text = await readBody(call);
    if (part === "acl" && text === "") {
      const acl = cannedAcl(signed.headers["x-amz-acl"]);
      buckets(this.platform).put({ ...bucket, acl, parts: { ...bucket.parts, acl: undefined }, ...touched() });
      return empty(response, 200);
    }
    checkPart(part, text);
    this.keep(bucket, { ...bucket.parts, [part]: text });
    return empty(response, part === "policy" || part === "tagging" ? 204 : 200);
  }

  private keep(bucket: Bucket, parts: Bucket["parts"]): void {
    buckets(this.platform).put({ ...bucket, parts, ...touched() });
  }

  private async delete({ response }: S3Call, bucket: Bucket): Promise<void> {
    const path = `/${bucket.name}`;
    const { answer, body } = await this.backend.call({
      method: "DELETE",
      path,
      query: new URLSearchParams(),
      headers: {},
    });
    const { statusCode = 502 } = answer;
    if (statusCode === 409) {
      const length = body.length;
      response.writeHead(409, { "content-type": "application/xml", "content-length": length });
      response.end(body);
      return;
    }
    if (statusCode !== 204 && statusCode !== 404) throw backendFailed(statusCode, body);
    buckets(this.platform).delete(bucket.id);
    return empty(response, 204);
  }
}

function location({ response }: S3Call, { region }: Bucket): Promise<void> {
  return send(response, document("LocationConstraint", []).replace("></", `>${region}</`));
}

function send(response: S3Call["response"], text: string, part?: BucketPart): Promise<void> {
  response.writeHead(200, {
    "content-type": part === "policy" ? "application/json" : "application/xml",
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
  return Promise.resolve();
}

function empty(response: S3Call["response"], status: number): Promise<void> {
  response.writeHead(status, status === 204 ? {} : { "content-length": 0 });
  response.end();
  return Promise.resolve();
}

/** The body of a small request, checked against the hash it was signed with. */
async function readBody({ request, signature }: S3Call): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > LARGEST_PART_BYTES)
      throw new S3Error(400, "EntityTooLarge", `The configuration has more than ${LARGEST_PART_BYTES} bytes.`);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  const hash = signature?.payloadHash ?? "";
  if (/^[0-9a-f]{64}$/.test(hash) && sha256(body) !== hash)
    throw new S3Error(
      400,
      "XAmzContentSHA256Mismatch",
      "The provided 'x-amz-content-sha256' header does not match what was computed.",
    );
  return body.toString("utf8").trim();
}

const backendFailed = (status: number | undefined, body: Buffer): S3Error =>
  new S3Error(500, "InternalError", `The object server answered ${status}: ${body.toString("utf8").slice(0, 500)}`);
