import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, readdir, rename, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as pause } from "node:timers/promises";
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { ArtifactReader } from "../model";
import { addressOf, ObjectStorageError, type ObjectStore } from "./object-store";

/** How long a storage that does not answer is asked again before a step fails for it. */
const PATIENCE_MILLISECONDS = 60_000;
/** Somebody waits for what is shown of an artifact. */
const READ_MILLISECONDS = 10_000;

/** Objects in S3; endpoint, region and keys come from the usual AWS variables unless they are given. */
export class S3Objects implements ObjectStore, ArtifactReader {
  private readonly client: S3Client;

  constructor(
    config: S3ClientConfig = {},
    private readonly patienceMilliseconds = PATIENCE_MILLISECONDS,
  ) {
    this.client = new S3Client({
      // Other stores than Amazon's know neither bucket host names nor its newer checksums for certain.
      forcePathStyle: true,
      requestChecksumCalculation: "WHEN_REQUIRED",
      responseChecksumValidation: "WHEN_REQUIRED",
      // Retries are ours: they are bounded in time, end with the run and say what they waited for.
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 5000, requestTimeout: 60_000 },
      ...config,
    });
  }

  async download(uri: string, path: string, signal: AbortSignal): Promise<boolean> {
    const { bucket, key } = addressOf(uri);
    if (await this.fetch(bucket, key, path, uri, signal)) return true;
    const below = (await this.objects(bucket, `${key}/`, uri, signal)).map((each) => each.key);
    for (const each of below) {
      const target = join(path, each.slice(key.length + 1));
      await mkdir(dirname(target), { recursive: true });
      await this.fetch(bucket, each, target, uri, signal);
    }
    return below.length > 0;
  }

  async upload(path: string, uri: string, signal: AbortSignal): Promise<void> {
    const status = await stat(path);
    if (status.isDirectory()) {
      for (const name of await readdir(path)) await this.upload(join(path, name), `${uri}/${name}`, signal);
      return;
    }
    const { bucket, key } = addressOf(uri);
    await this.asked(`${uri} could not be written`, signal, async () => {
      const body = { Body: createReadStream(path), ContentLength: status.size };
      await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, ...body }), { abortSignal: signal });
    });
  }

  async exists(uri: string, signal: AbortSignal): Promise<boolean> {
    const { bucket, key } = addressOf(uri);
    return this.asked(`${uri} could not be looked up`, signal, async () => {
      const query = { Bucket: bucket, Prefix: key, MaxKeys: 2 };
      const { Contents = [] } = await this.client.send(new ListObjectsV2Command(query), { abortSignal: signal });
      return Contents.some(({ Key }) => Key === key || Key?.startsWith(`${key}/`));
    });
  }

  async list(uri: string): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
    const { bucket, key } = addressOf(uri);
    const signal = AbortSignal.timeout(READ_MILLISECONDS);
    const objects = await this.objects(bucket, key, uri, signal);
    const whole = objects.find((each) => each.key === key);
    if (whole) return [{ path: "", bytes: whole.bytes }];
    const below = objects.filter((each) => each.key.startsWith(`${key}/`));
    return below.map((each) => ({ path: each.key.slice(key.length + 1), bytes: each.bytes }));
  }

  async read(uri: string, path: string, bytes?: number): Promise<Readable> {
    const { bucket, key } = addressOf(path === "" ? uri : `${uri}/${path}`);
    // The first bytes of nothing cannot be asked for.
    if (bytes === 0) return Readable.from([]);
    const Range = bytes === undefined ? undefined : `bytes=0-${bytes - 1}`;
    return this.asked(`${uri} could not be read`, AbortSignal.timeout(READ_MILLISECONDS), async () => {
      const { Body } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
      return Body instanceof Readable ? Body : Readable.from([]);
    });
  }

  close(): void {
    this.client.destroy();
  }

  /** Under another name until it is whole. */
  private async fetch(bucket: string, key: string, path: string, uri: string, signal: AbortSignal): Promise<boolean> {
    return this.asked(`${uri} could not be read`, signal, async () => {
      try {
        const command = new GetObjectCommand({ Bucket: bucket, Key: key });
        const { Body } = await this.client.send(command, { abortSignal: signal });
        if (!(Body instanceof Readable)) return false;
        const part = `${path}.part`;
        await pipeline(Body, createWriteStream(part), { signal });
        await rename(part, path);
        return true;
      } catch (error) {
        if (error instanceof S3ServiceException && error.name === "NoSuchKey") return false;
        throw error;
      }
    });
  }

  /** All objects whose key begins like this one. */
  private async objects(
    bucket: string,
    key: string,
    uri: string,
    signal: AbortSignal,
  ): Promise<{ key: string; bytes: number }[]> {
    const found: { key: string; bytes: number }[] = [];
    let token: string | undefined;
    do {
      const query = { Bucket: bucket, Prefix: key, ContinuationToken: token };
      const page = await this.asked(`${uri} could not be listed`, signal, () =>
        this.client.send(new ListObjectsV2Command(query), { abortSignal: signal }),
      );
      for (const { Key, Size = 0 } of page.Contents ?? [])
        if (Key !== undefined && !Key.endsWith("/")) found.push({ key: Key, bytes: Size });
      token = page.NextContinuationToken;
    } while (token !== undefined);
    return found;
  }

  private async asked<T>(failure: string, signal: AbortSignal, ask: () => Promise<T>): Promise<T> {
    const deadline = Date.now() + this.patienceMilliseconds;
    for (let wait = 200; ; wait = Math.min(2 * wait, 5000)) {
      try {
        return await ask();
      } catch (error) {
        signal.throwIfAborted();
        const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 500) : 500;
        // A refusal stays one; all else may pass.
        if ((status < 500 && status !== 429 && status !== 408) || Date.now() + wait > deadline)
          throw new ObjectStorageError(`${failure}: ${reasonOf(error)}.`, { cause: error });
        await pause(wait, undefined, { signal }).catch(() => signal.throwIfAborted());
      }
    }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof S3ServiceException)
    return `the object storage answers ${error.name}, ${error.message || "no more"}`;
  const { code, message } = error as NodeJS.ErrnoException;
  return `the object storage does not answer (${message || (code ?? "unknown")})`;
}
