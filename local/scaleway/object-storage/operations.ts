import type { Action } from "../iam/permission-sets";

/** What a request asks for, by method, bucket, key and the queries that select a part. */
export interface Operation {
  /** `s3.<name of the S3 API>`, for the event log and faults. */
  readonly name: string;
  /** Right it takes. */
  readonly product: "s3-object" | "s3-object-deletion" | "s3-bucket" | "s3-bucket-deletion";
  readonly action: Action;
}

export interface Address {
  readonly region: string;
  readonly bucket: string;
  /** Decoded; empty for the bucket itself. */
  readonly key: string;
}

/** Parts of a bucket that the front keeps itself, with the outermost element of their XML. */
export const BUCKET_PARTS = {
  acl: { name: "Acl", root: "AccessControlPolicy" },
  tagging: { name: "Tagging", root: "Tagging" },
  cors: { name: "Cors", root: "CORSConfiguration" },
  lifecycle: { name: "Lifecycle", root: "LifecycleConfiguration" },
  encryption: { name: "Encryption", root: "ServerSideEncryptionConfiguration" },
  policy: { name: "Policy", root: "" },
} as const;

export type BucketPart = keyof typeof BUCKET_PARTS;

export const bucketPart = (query: URLSearchParams): BucketPart | undefined =>
  (Object.keys(BUCKET_PARTS) as BucketPart[]).find((part) => query.has(part));

const VERBS: Readonly<Record<string, string>> = {
  GET: "Get",
  HEAD: "Head",
  PUT: "Put",
  POST: "Post",
  DELETE: "Delete",
};

export function operationOf(
  method: string,
  { bucket, key }: Address,
  query: URLSearchParams,
  copies: boolean,
): Operation {
  const verb = VERBS[method] ?? method;
  const action: Action = method === "GET" || method === "HEAD" ? "read" : "write";
  if (bucket === "") return { name: "s3.ListBuckets", product: "s3-bucket", action: "read" };
  if (key !== "") return objectOperation(method, verb, query, copies, action);
  const part = bucketPart(query);
  if (part) return { name: `s3.${verb}Bucket${BUCKET_PARTS[part].name}`, product: "s3-bucket", action };
  if (query.has("versioning")) return { name: `s3.${verb}BucketVersioning`, product: "s3-bucket", action };
  if (query.has("object-lock")) return { name: `s3.${verb}ObjectLockConfiguration`, product: "s3-bucket", action };
  if (query.has("location")) return { name: "s3.GetBucketLocation", product: "s3-bucket", action };
  if (query.has("delete")) return { name: "s3.DeleteObjects", product: "s3-object-deletion", action };
  if (method === "PUT") return { name: "s3.CreateBucket", product: "s3-bucket", action };
  if (method === "DELETE") return { name: "s3.DeleteBucket", product: "s3-bucket-deletion", action };
  if (method === "HEAD") return { name: "s3.HeadBucket", product: "s3-bucket", action };
  if (query.has("versions")) return { name: "s3.ListObjectVersions", product: "s3-object", action };
  if (query.has("uploads")) return { name: "s3.ListMultipartUploads", product: "s3-object", action };
  return { name: query.has("list-type") ? "s3.ListObjectsV2" : "s3.ListObjects", product: "s3-object", action };
}

function objectOperation(
  method: string,
  verb: string,
  query: URLSearchParams,
  copies: boolean,
  action: Action,
): Operation {
  const of = (name: string): Operation => ({ name: `s3.${name}`, product: "s3-object", action });
  for (const [part, name] of [
    ["acl", "ObjectAcl"],
    ["tagging", "ObjectTagging"],
    ["retention", "ObjectRetention"],
    ["legal-hold", "ObjectLegalHold"],
    ["attributes", "ObjectAttributes"],
  ] as const)
    if (query.has(part)) return of(`${verb}${name}`);
  if (query.has("uploads")) return of("CreateMultipartUpload");
  if (query.has("uploadId")) {
    if (method === "PUT") return of(copies ? "UploadPartCopy" : "UploadPart");
    return of({ POST: "CompleteMultipartUpload", DELETE: "AbortMultipartUpload" }[method] ?? "ListParts");
  }
  if (method === "DELETE") return { name: "s3.DeleteObject", product: "s3-object-deletion", action };
  return of(copies ? "CopyObject" : `${verb}Object`);
}
