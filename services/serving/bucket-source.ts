import { createHash } from "node:crypto";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import type { Found, ModelFiles, ModelSource } from "./model-source";

const CURRENT = "current.json";
const MANIFEST = "manifest.json";
const MODEL = "model.safetensors";
const TRAINING = "training.json";
const NO_REPORTS = { steps: [], timings: { columns: [], rows: [] } };
/** A version whose files are not what its manifest says is read again after so long: somebody may have mended it. */
const BROKEN_RETRY_MILLISECONDS = 30_000;
const REQUEST_TIMEOUT_MILLISECONDS = 10_000;

interface StoredFile {
  readonly sha256: string;
}

interface Manifest {
  readonly version: string;
  readonly files: Readonly<Record<string, StoredFile>>;
  readonly metrics?: Readonly<Record<string, unknown>>;
}

interface Read {
  readonly content: Buffer;
  readonly etag: string;
}

export interface BucketOptions {
  /** `s3://<bucket>`, or with a folder behind it. */
  readonly address: string;
  readonly recommender: string;
  /** Version that is served whatever is current; none by default. */
  readonly pin?: string;
  /** Endpoint, region and keys from the usual AWS variables by default. */
  readonly client?: S3Client;
}

/**
 * Models in a bucket as pipelines publish them: `<recommender>/current.json` names the version, whose manifest names its
 * files with their digests. A look costs one request without content as long as nothing changes.
 */
export class BucketSource implements ModelSource {
  readonly description: string;
  private readonly client: S3Client;
  private readonly bucket: string;
  private readonly prefix: string;
  private readonly pointer: string;
  private seen: string | undefined;
  private readAgainAt = Infinity;

  constructor({ address, recommender, pin, client }: BucketOptions) {
    const [, bucket, folder = ""] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/?$/.exec(address) ?? [];
    if (!bucket) throw new Error(`MODELS is "${address}"; write s3://<bucket>.`);
    if (pin !== undefined && !/^[\w.-]+$/.test(pin)) throw new Error(`MODEL_VERSION "${pin}" is no name of a version.`);
    this.bucket = bucket;
    this.prefix = folder ? `${folder}/${recommender}` : recommender;
    this.pointer = pin === undefined ? CURRENT : `${pin}/${MANIFEST}`;
    this.description = `s3://${bucket}/${this.prefix}/${this.pointer}`;
    this.client = client ?? new S3Client({ maxAttempts: 1 });
  }

  close(): void {
    this.client.destroy();
  }

  async next(serving: string | undefined): Promise<Found> {
    try {
      return await this.look(serving);
    } catch (error) {
      // A look that failed by itself tells nothing of the pointer: the next one asks without a tag, and ends the fault.
      if (!(error instanceof BrokenVersion)) this.seen = undefined;
      throw error;
    }
  }

  private async look(serving: string | undefined): Promise<Found> {
    const again = Date.now() >= this.readAgainAt;
    const read = await this.read(this.pointer, again ? undefined : this.seen);
    if (read === "unchanged") return "unchanged";
    if (!read)
      throw new Error(
        this.pointer === CURRENT
          ? `no model is published yet: ${this.description} is missing`
          : `the pinned version is not there: ${this.description} is missing`,
      );
    try {
      const files = await this.filesOf(read, serving);
      this.seen = read.etag;
      this.readAgainAt = Infinity;
      return files;
    } catch (error) {
      if (error instanceof BrokenVersion) {
        this.seen = read.etag;
        this.readAgainAt = Date.now() + BROKEN_RETRY_MILLISECONDS;
      }
      throw error;
    }
  }

  private async filesOf({ content }: Read, serving: string | undefined): Promise<ModelFiles | "served"> {
    const manifest =
      this.pointer === CURRENT ? await this.currentManifest(content) : parsed<Manifest>(content, MANIFEST);
    const { version, metrics = {} } = manifest;
    if (version === serving) return "served";
    const file = await this.verified(manifest, MODEL);
    const training = TRAINING in (manifest.files ?? {}) ? await this.verified(manifest, TRAINING) : undefined;
    const reports = training ? parsed<object>(training, TRAINING) : NO_REPORTS;
    return { version, file, metrics, training: reports };
  }

  private async currentManifest(pointer: Buffer): Promise<Manifest> {
    const { version, sha256 } = parsed<{ version?: unknown; sha256?: unknown }>(pointer, CURRENT);
    if (typeof version !== "string" || typeof sha256 !== "string")
      throw new BrokenVersion(`${CURRENT} names no version and sha256`);
    const content = await this.whole(`${version}/${MANIFEST}`, sha256);
    return parsed<Manifest>(content, `${version}/${MANIFEST}`);
  }

  private verified({ version, files }: Manifest, name: string): Promise<Buffer> {
    const sha256 = files?.[name]?.sha256;
    if (sha256 === undefined) throw new BrokenVersion(`the manifest of version ${version} names no ${name}`);
    return this.whole(`${version}/${name}`, sha256);
  }

  /** An object with the digest that it should have. */
  private async whole(path: string, sha256: string): Promise<Buffer> {
    const read = await this.read(path);
    if (!read || read === "unchanged") throw new BrokenVersion(`${path} is missing`);
    const found = createHash("sha256").update(read.content).digest("hex");
    if (found !== sha256) throw new BrokenVersion(`the sha256 of ${path} is ${found} where ${sha256} is wanted`);
    return read.content;
  }

  private async read(path: string, unless?: string): Promise<Read | "unchanged" | undefined> {
    try {
      const { Body, ETag = "" } = await this.client.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: `${this.prefix}/${path}`, IfNoneMatch: unless }),
        { abortSignal: AbortSignal.timeout(REQUEST_TIMEOUT_MILLISECONDS) },
      );
      return { content: Buffer.from((await Body?.transformToByteArray()) ?? []), etag: ETag };
    } catch (error) {
      const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
      if ($metadata?.httpStatusCode === 304) return "unchanged";
      if (name === "NoSuchKey") return undefined;
      throw new Error(`s3://${this.bucket}/${this.prefix}/${path} cannot be read: ${name}: ${message || "no answer"}`, {
        cause: error,
      });
    }
  }
}

/** What is stored is wrong, so reading it once more at once would not help. */
class BrokenVersion extends Error {}

function parsed<T>(content: Buffer, what: string): T {
  try {
    const value: unknown = JSON.parse(content.toString());
    if (typeof value === "object" && value !== null) return value as T;
  } catch {
    // Said below.
  }
  throw new BrokenVersion(`${what} is not a JSON object`);
}
