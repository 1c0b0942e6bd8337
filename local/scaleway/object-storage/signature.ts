import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { S3Error, accessDenied } from "./errors";

/** What of a request its signature covers. */
export interface SignedRequest {
  readonly method: string;
  /** Path as it was sent, percent-encoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names; several values of one name joined by commas. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The claims of a request about who signed it, read from its header or, presigned, from its query. */
export interface Signature {
  readonly accessKey: string;
  /** Project after the `@` of the access key; undefined where it names none. */
  readonly projectId?: string;
  /** `20261121/fr-par/s3/aws4_request`. */
  readonly scope: string;
  readonly region: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  /** `20261121T100000Z`. */
  readonly date: string;
  readonly payloadHash: string;
  readonly presigned: boolean;
}

const ALGORITHM = "AWS4-HMAC-SHA256";
const LARGEST_SKEW_MS = 15 * 60 * 1000;
const LONGEST_PRESIGNED_SECONDS = 7 * 24 * 3600;

/** The signature of a request; undefined where it is anonymous. */
export function readSignature(request: SignedRequest): Signature | undefined {
  const { headers, query } = request;
  if (query.has("X-Amz-Signature")) return fromQuery(query);
  const header = headers["authorization"];
  if (header === undefined) return undefined;
  const fields = new Map(
    header
      .slice(ALGORITHM.length)
      .split(",")
      .map((part) => part.trim().split(/=(.*)/s) as [string, string]),
  );
  if (!header.startsWith(ALGORITHM) || !fields.get("Credential") || !fields.get("Signature"))
    throw new S3Error(
      400,
      "AuthorizationHeaderMalformed",
      "Only AWS4-HMAC-SHA256 with Credential, SignedHeaders and Signature is understood.",
    );
  return {
    ...readCredential(fields.get("Credential") ?? ""),
    signedHeaders: (fields.get("SignedHeaders") ?? "").split(";"),
    signature: fields.get("Signature") ?? "",
    date: headers["x-amz-date"] ?? "",
    payloadHash: headers["x-amz-content-sha256"] ?? "",
    presigned: false,
  };
}

function fromQuery(query: URLSearchParams): Signature {
  const date = query.get("X-Amz-Date") ?? "";
  const seconds = Number(query.get("X-Amz-Expires") ?? "0");
  if (!(seconds > 0 && seconds <= LONGEST_PRESIGNED_SECONDS))
    throw new S3Error(400, "AuthorizationQueryParametersError", "X-Amz-Expires must be from 1 second to a week.");
  if (Date.now() > parseDate(date) + seconds * 1000) throw accessDenied("Request has expired");
  return {
    ...readCredential(query.get("X-Amz-Credential") ?? ""),
    signedHeaders: (query.get("X-Amz-SignedHeaders") ?? "").split(";"),
    signature: query.get("X-Amz-Signature") ?? "",
    date,
    payloadHash: query.get("X-Amz-Content-Sha256") ?? "UNSIGNED-PAYLOAD",
    presigned: true,
  };
}

function readCredential(credential: string): Pick<Signature, "accessKey" | "projectId" | "scope" | "region"> {
  const [key = "", ...scope] = credential.split("/");
  const [accessKey = "", projectId] = key.split("@");
  return { accessKey, projectId, scope: scope.join("/"), region: scope[1] ?? "" };
}

function parseDate(date: string): number {
  const iso = date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
  const time = Date.parse(iso);
  if (Number.isNaN(time)) throw accessDenied("AWS authentication requires a valid x-amz-date.");
  return time;
}

/** Refuses a request whose signature was not made with this secret key, or too long ago. */
export function verify(request: SignedRequest, signature: Signature, secretKey: string): void {
  if (!signature.presigned && Math.abs(Date.now() - parseDate(signature.date)) > LARGEST_SKEW_MS)
    throw new S3Error(
      403,
      "RequestTimeTooSkewed",
      "The difference between the request time and the server's time is too large.",
    );
  const query = new URLSearchParams(request.query);
  query.delete("X-Amz-Signature");
  const expected = signatureOf(request, query, signature, secretKey);
  const [left, right] = [Buffer.from(expected), Buffer.from(signature.signature)];
  if (left.length !== right.length || !timingSafeEqual(left, right))
    throw new S3Error(
      403,
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
}

function signatureOf(
  { method, path, headers }: SignedRequest,
  query: URLSearchParams,
  { signedHeaders, payloadHash, date, scope }: Pick<Signature, "signedHeaders" | "payloadHash" | "date" | "scope">,
  secretKey: string,
): string {
  const canonicalHeaders = signedHeaders
    .map((name) => `${name}:${(headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`)
    .join("");
  const canonical = [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    canonicalHeaders,
    signedHeaders.join(";"),
    payloadHash,
  ];
  const text = [ALGORITHM, date, scope, sha256(canonical.join("\n"))].join("\n");
  return hmac(signingKey(secretKey, scope), text).toString("hex");
}

export function signingKey(secretKey: string, scope: string): Buffer {
  return scope.split("/").reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secretKey}`));
}

/** Headers that sign a request for the object server behind the front. */
export function sign(
  request: SignedRequest,
  payloadHash: string,
  { accessKey, secretKey, region }: { accessKey: string; secretKey: string; region: string },
): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const scope = `${date.slice(0, 8)}/${region}/s3/aws4_request`;
  const headers: Record<string, string> = {
    ...request.headers,
    "x-amz-date": date,
    "x-amz-content-sha256": payloadHash,
  };
  const signedHeaders = Object.keys(headers)
    .filter((name) => name === "host" || name.startsWith("x-amz-"))
    .sort();
  const signature = signatureOf(
    { ...request, headers },
    request.query,
    { signedHeaders, payloadHash, date, scope },
    secretKey,
  );
  const authorization = `${ALGORITHM} Credential=${accessKey}/${scope}, SignedHeaders=${signedHeaders.join(";")}, Signature=${signature}`;
  return { ...headers, authorization };
}

const canonicalPath = (path: string): string =>
  path
    .split("/")
    .map((segment) => encode(decodeURIComponent(segment)))
    .join("/");

/** Also the form in which a query is sent on, so that both sides read the same. */
export function canonicalQuery(query: URLSearchParams): string {
  return [...query]
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort((a, b) => (a < b ? -1 : 1))
    .join("&");
}

/** RFC 3986, as signatures want it. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);

export const sha256 = (data: string | Buffer): string => createHash("sha256").update(data).digest("hex");

export const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();
