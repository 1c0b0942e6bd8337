import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { StepError } from "../../../components/program/step-error";

/**
 * The bytes of a source: `s3://bucket/key` (endpoint, region and keys from the usual AWS variables), an http(s) URL,
 * a `file:` URL or a path.
 * @throws StepError where the address is of none of these kinds or the server refuses.
 */
export async function openSource(source: string): Promise<Readable> {
  const kind = /^([a-z0-9+]+):\/\//i.exec(source)?.[1]?.toLowerCase();
  switch (kind) {
    case "s3":
      return openObject(source);
    case "http":
    case "https":
      return openUrl(source);
    case "file":
      return createReadStream(fileURLToPath(source));
    case undefined:
      return createReadStream(source);
    default:
      throw new StepError(
        `A source begins with s3://, https://, http:// or file://, or is a path; ${kind}:// is none.`,
      );
  }
}

async function openObject(source: string): Promise<Readable> {
  const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/i.exec(source) ?? [];
  if (!bucket || !key) throw new StepError(`${source} is no object: write s3://<bucket>/<key>.`);
  const client = new S3Client({});
  try {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!(Body instanceof Readable)) throw new StepError("the object has no content");
    return Body.once("close", () => client.destroy());
  } catch (error) {
    client.destroy();
    throw error;
  }
}

async function openUrl(source: string): Promise<Readable> {
  const answer = await fetch(source).catch((error: unknown) => {
    // fetch itself only says that it failed; the reason is in the cause.
    throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
  });
  if (!answer.ok || !answer.body) {
    await answer.body?.cancel();
    throw new StepError(`the server answered ${answer.status} ${answer.statusText}`.trimEnd());
  }
  return Readable.fromWeb(answer.body);
}
