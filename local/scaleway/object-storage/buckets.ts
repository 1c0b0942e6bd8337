import type { Platform, Timestamps } from "../platform";
import { S3Error, malformedXml } from "./errors";
import { BUCKET_PARTS, type BucketPart } from "./operations";
import { type Element, document, isDocument } from "./xml";

/** A bucket as the front keeps it; its objects and versioning are the object server's. */
export interface Bucket extends Timestamps {
  /** The name, unique over all regions and projects of this machine. */
  readonly id: string;
  readonly name: string;
  readonly region: string;
  readonly project_id: string;
  /** Texts as they were put, by part. */
  readonly parts: Partial<Record<BucketPart, string>>;
  /** Canned ACL of the bucket. */
  readonly acl: CannedAcl;
  /** Canned ACLs of objects that are not private, by key. */
  readonly objectAcls: Readonly<Record<string, CannedAcl>>;
}

export type CannedAcl = "private" | "public-read" | "public-read-write" | "authenticated-read";

const CANNED: readonly string[] = ["private", "public-read", "public-read-write", "authenticated-read"];
const GROUPS = "http://acs.amazonaws.com/groups/global";

export const buckets = ({ store }: Platform) => store.collection<Bucket>("object-storage-buckets");

/** What is wrong with the name of a new bucket; undefined where nothing is. */
export function nameMistake(name: string): string | undefined {
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !/\.\.|^\d+\.\d+\.\d+\.\d+$/.test(name)
    ? undefined
    : `"${name}" is not a bucket name: 3 to 63 lower-case letters, digits, dashes and dots`;
}

export function cannedAcl(header: string | undefined): CannedAcl {
  const value = header ?? "private";
  if (!CANNED.includes(value))
    throw new S3Error(400, "InvalidArgument", `"${value}" is no canned ACL; use ${CANNED.join(", ")}`);
  return value as CannedAcl;
}

const MISSING: Record<Exclude<BucketPart, "acl" | "encryption">, readonly [code: string, message: string]> = {
  tagging: ["NoSuchTagSet", "The TagSet does not exist"],
  cors: ["NoSuchCORSConfiguration", "The CORS configuration does not exist"],
  lifecycle: ["NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"],
  policy: ["NoSuchBucketPolicy", "The bucket policy does not exist"],
};

/** Every new bucket is encrypted with the provider's own keys. */
const DEFAULT_ENCRYPTION = document("ServerSideEncryptionConfiguration", [
  [
    "Rule",
    [
      ["ApplyServerSideEncryptionByDefault", [["SSEAlgorithm", "AES256"]]],
      ["BucketKeyEnabled", "false"],
    ],
  ],
]);

/** The text of a part, or the refusal that says it was never put. */
export function readPart(bucket: Bucket, part: BucketPart): string {
  const text = bucket.parts[part];
  if (text !== undefined) return text;
  if (part === "acl") return aclDocument(bucket.project_id, bucket.acl);
  if (part === "encryption") return DEFAULT_ENCRYPTION;
  throw new S3Error(404, ...MISSING[part]);
}

/** Refuses a text that cannot be this part. */
export function checkPart(part: BucketPart, text: string): void {
  if (part !== "policy") {
    if (!isDocument(text, BUCKET_PARTS[part].root)) throw malformedXml();
    return;
  }
  try {
    const policy = JSON.parse(text) as { Statement?: unknown };
    if (Array.isArray(policy.Statement) && policy.Statement.length > 0) return;
  } catch {
    // Said below, as for a policy without statements.
  }
  throw new S3Error(400, "MalformedPolicy", "The policy is not a JSON object with a list of statements.");
}

/** An access control list; Scaleway's owners are written `<project>:<project>`. */
export function aclDocument(projectId: string, acl: CannedAcl): string {
  const id = `${projectId}:${projectId}`;
  const group = (uri: string, permission: string) => grant("Group", [["URI", `${GROUPS}/${uri}`]], permission);
  const extra = {
    private: [],
    "public-read": [group("AllUsers", "READ")],
    "public-read-write": [group("AllUsers", "READ"), group("AllUsers", "WRITE")],
    "authenticated-read": [group("AuthenticatedUsers", "READ")],
  }[acl];
  const user: Element[] = [
    ["ID", id],
    ["DisplayName", id],
  ];
  return document("AccessControlPolicy", [
    ["Owner", user],
    ["AccessControlList", [grant("CanonicalUser", user, "FULL_CONTROL"), ...extra]],
  ]).replaceAll(
    /<Grantee-(\w+)>(.*?)<\/Grantee-\w+>/g,
    '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="$1">$2</Grantee>',
  );
}

const grant = (type: string, grantee: readonly Element[], permission: string): Element => [
  "Grant",
  [
    [`Grantee-${type}`, grantee],
    ["Permission", permission],
  ],
];
