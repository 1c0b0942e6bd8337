import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { openSource } from "./sources";
import { sentence, StepError } from "../../../components/program/step-error";

/** Digest in lower-case hexadecimal and size in bytes. */
export interface Content {
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Streams the first source whose bytes have the wanted digest into `target`.
 * @returns the source that it was, and the size
 * @throws StepError naming for each source why it did not serve: both sums where its bytes are other ones.
 */
export async function fetchVerified(
  sources: readonly string[],
  sha256: string,
  target: string,
  log: (line: string) => void,
): Promise<{ readonly source: string; readonly bytes: number }> {
  const reasons: string[] = [];
  for (const source of sources) {
    try {
      const found = await copy(source, target);
      if (found.sha256 === sha256) return { source, bytes: found.bytes };
      throw new StepError(`its sha256 is ${found.sha256} (${found.bytes} bytes) where ${sha256} is wanted`);
    } catch (error) {
      await rm(target, { force: true });
      reasons.push(`${shown(source)}: ${sentence(error)}`);
      log(`no data from ${reasons.at(-1)}`);
    }
  }
  throw new StepError(`The data cannot be had: ${reasons.join("; ")}.`);
}

/** Digest and size of a file. */
export async function contentOf(file: string): Promise<Content> {
  const hash = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.length;
  }
  return { sha256: hash.digest("hex"), bytes };
}

async function copy(source: string, target: string): Promise<Content> {
  const hash = createHash("sha256");
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(await openSource(source), meter, createWriteStream(target, { flush: true }));
  return { sha256: hash.digest("hex"), bytes };
}

/** A source for a log: addresses may carry a password or a signature. */
function shown(source: string): string {
  if (!/^https?:/i.test(source)) return source;
  const url = new URL(source);
  return `${url.origin}${url.pathname}`;
}
