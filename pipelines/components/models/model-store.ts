import { createHash } from "node:crypto";
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { StepError } from "../program/step-error";

/** A file of a version, as its manifest names it. */
export interface StoredFile {
  readonly sha256: string;
  readonly bytes: number;
}

/** What a version consists of; written last, so a version with a manifest is whole. */
export interface ModelManifest {
  readonly recommender: string;
  readonly version: string;
  readonly publishedAt: string;
  /** Run of the pipeline that published it; empty outside of one. */
  readonly run: string;
  readonly files: Readonly<Record<string, StoredFile>>;
  /** Figures of the evaluation, for people. */
  readonly metrics: Readonly<Record<string, unknown>>;
}

/** The pointer: which version is served. */
export interface CurrentModel {
  readonly recommender: string;
  readonly version: string;
  /** Digest of the version's manifest. */
  readonly sha256: string;
}

interface Stored {
  readonly content: Buffer;
  readonly etag: string;
}

export const MANIFEST = "manifest.json";
export const MODEL = "model.safetensors";
export const SCORES = "scores.json";
export const TRAINING = "training.json";

const CURRENT = "current.json";
/** Lies in the folder of a version that a serving is pinned to; who pins it, puts it there. */
const PIN = "pinned";
/** What S3 answers to a condition that does not hold; 409 where two writes meet. */
const NOT_AS_EXPECTED = [409, 412];

/** Models of one recommender in a bucket: a folder a version, and the pointer to the one that is served. */
export class ModelStore {
  private readonly bucket: string;
  private readonly prefix: string;

  /**
   * @param address `s3://<bucket>`, or with a folder behind it
   * @param client endpoint, region and keys from the usual AWS variables by default
   */
  constructor(
    readonly address: string,
    readonly recommender: string,
    private readonly client = new S3Client({}),
  ) {
    const [, bucket, folder = ""] = /^s3:\/\/([^/]+)(?:\/(.*?))?\/?$/.exec(address) ?? [];
    if (!bucket) throw new StepError(`--models "${address}" is no bucket: write s3://<bucket>.`);
    if (!/^[a-z0-9-]+$/.test(recommender))
      throw new StepError(`--recommender "${recommender}" is no name: lower-case letters, digits and - are.`);
    this.bucket = bucket;
    this.prefix = folder ? `${folder}/${recommender}` : recommender;
  }

  close(): void {
    this.client.destroy();
  }

  /**
   * The pointer with the mark that `setCurrent` compares; undefined before a first model. It has no value where
   * something else lies in its place, which the next model replaces.
   */
  async current(): Promise<{ readonly value?: CurrentModel; readonly etag: string } | undefined> {
    const stored = await this.read(CURRENT);
    if (!stored) return undefined;
    const { recommender = this.recommender, version, sha256 } = parsed<CurrentModel>(stored.content) ?? {};
    const known = version !== undefined && sha256 !== undefined;
    return { ...(known && { value: { recommender, version, sha256 } }), etag: stored.etag };
  }

  /**
   * Moves the pointer in one write, if it is still the one that was read.
   * @param before mark of the pointer that was read; undefined where there was none
   * @throws StepError where another run has moved it meanwhile
   */
  async setCurrent(value: CurrentModel, before: string | undefined): Promise<void> {
    const condition = before === undefined ? { IfNoneMatch: "*" } : { IfMatch: before };
    try {
      await this.write(CURRENT, toJson(value), condition);
    } catch (error) {
      if (!NOT_AS_EXPECTED.includes(statusOf(error) ?? 0)) throw error;
      // In a bucket with versions, versitygw takes the mark of a deleted pointer for a pointer.
      if (before === undefined && !(await this.current())) return this.write(CURRENT, toJson(value));
      throw new StepError(
        `Another run has published a model of ${this.recommender} meanwhile; ${value.version} is stored but not current. Run the pipeline again.`,
      );
    }
  }

  /** Digest of a version's manifest; undefined where the version is not whole. */
  async manifestDigest(version: string): Promise<string | undefined> {
    const stored = await this.read(`${version}/${MANIFEST}`);
    return stored && parsed<ModelManifest>(stored.content)?.version === version ? digest(stored.content) : undefined;
  }

  /** Content of a file of a version, undefined where it is missing. */
  async file(version: string, name: string): Promise<Buffer | undefined> {
    return (await this.read(`${version}/${name}`))?.content;
  }

  async putFile(version: string, name: string, content: Buffer): Promise<StoredFile> {
    await this.write(`${version}/${name}`, content);
    return { sha256: digest(content), bytes: content.length };
  }

  /** Completes a version. @returns digest of the manifest */
  async putManifest(value: ModelManifest): Promise<string> {
    const content = toJson(value);
    await this.write(`${value.version}/${MANIFEST}`, content);
    return digest(content);
  }

  /** Versions, the one that was changed last first; half-written ones among them. */
  async versions(): Promise<
    { readonly version: string; readonly keys: readonly string[]; readonly pinned: boolean }[]
  > {
    const found = new Map<string, { keys: string[]; changed: number; pinned: boolean }>();
    for await (const { Key = "", LastModified } of this.objects()) {
      const [version, file] = Key.slice(this.prefix.length + 1).split("/", 2);
      if (!version || file === undefined) continue;
      const entry = found.get(version) ?? { keys: [], changed: 0, pinned: false };
      entry.keys.push(Key);
      if (file === PIN) entry.pinned = true;
      else entry.changed = Math.max(entry.changed, LastModified?.getTime() ?? 0);
      found.set(version, entry);
    }
    return [...found]
      .sort(([a, one], [b, other]) => other.changed - one.changed || (a < b ? -1 : 1))
      .map(([version, { keys, pinned }]) => ({ version, keys, pinned }));
  }

  /** Removes the files of a version, its manifest first: what is going is not taken for whole. */
  async remove(keys: readonly string[]): Promise<void> {
    const isManifest = (key: string) => key.endsWith(`/${MANIFEST}`);
    for (const part of [keys.filter(isManifest), keys.filter((key) => !isManifest(key))])
      if (part.length > 0)
        await this.client.send(
          new DeleteObjectsCommand({
            Bucket: this.bucket,
            Delete: { Objects: part.map((Key) => ({ Key })), Quiet: true },
          }),
        );
  }

  private async *objects() {
    let ContinuationToken: string | undefined;
    do {
      const page = await this.client.send(
        new ListObjectsV2Command({ Bucket: this.bucket, Prefix: `${this.prefix}/`, ContinuationToken }),
      );
      yield* page.Contents ?? [];
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken);
  }

  private async read(path: string): Promise<Stored | undefined> {
    try {
      const { Body, ETag = "" } = await this.client.send(
        new GetObjectCommand({ Bucket: this.bucket, Key: `${this.prefix}/${path}` }),
      );
      return { content: Buffer.from((await Body?.transformToByteArray()) ?? []), etag: ETag };
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") return undefined;
      throw this.explained(error, "read", path);
    }
  }

  private async write(path: string, content: Buffer, condition: { IfMatch?: string; IfNoneMatch?: string } = {}) {
    const ContentType = path.endsWith(".json") ? "application/json" : "application/octet-stream";
    const object = { Bucket: this.bucket, Key: `${this.prefix}/${path}`, Body: content, ContentType };
    try {
      await this.client.send(new PutObjectCommand({ ...object, ...condition }));
    } catch (error) {
      if (NOT_AS_EXPECTED.includes(statusOf(error) ?? 0)) throw error;
      throw this.explained(error, "write", path);
    }
  }

  private explained(error: unknown, verb: string, path: string): StepError {
    const { name, message } = error as Error;
    return new StepError(
      `Cannot ${verb} ${path} in ${this.address}/${this.recommender}: ${name}: ${message || "no answer"}. ` +
        "Check the bucket, AWS_ENDPOINT_URL_S3 and that the key may do so.",
    );
  }
}

/** Undefined for what is no JSON. */
function parsed<T>(content: Buffer): Partial<T> | undefined {
  try {
    return (JSON.parse(content.toString()) as Partial<T> | null) ?? undefined;
  } catch {
    return undefined;
  }
}

export function digest(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

function toJson(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
