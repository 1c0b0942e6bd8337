import { Transform, type TransformCallback } from "node:stream";
import { hmac, sha256, signingKey } from "./signature";
import { S3Error } from "./errors";

export interface ChunkSigning {
  readonly secretKey: string;
  readonly scope: string;
  readonly date: string;
  /** Signature of the request, on which that of the first chunk builds. */
  readonly seed: string;
}

const EMPTY_HASH = sha256("");
const LONGEST_LINE = 8192;
const LARGEST_CHUNK_BYTES = 32 * 1024 * 1024;

/**
 * Takes a body of signed chunks apart and checks each signature: the object server behind the front cannot, since they
 * build on the client's signature and not on the front's. Emits the plain bytes.
 */
export class SignedChunks extends Transform {
  private rest = Buffer.alloc(0);
  private previous: string;
  private ended = false;
  private readonly key: Buffer;

  constructor(private readonly signing: ChunkSigning) {
    super();
    this.previous = signing.seed;
    this.key = signingKey(signing.secretKey, signing.scope);
  }

  override _transform(data: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.rest = Buffer.concat([this.rest, data]);
    try {
      while (!this.ended && this.takeChunk());
      // Behind the last chunk only a trailer with checksums follows, which the plain body does not have.
      if (this.ended) this.rest = Buffer.alloc(0);
      done();
    } catch (error) {
      done(error as Error);
    }
  }

  override _flush(done: TransformCallback): void {
    done(this.ended ? null : new S3Error(400, "IncompleteBody", "The body ended before its last chunk."));
  }

  /** Emits the next chunk if all of it is there. */
  private takeChunk(): boolean {
    const lineEnd = this.rest.indexOf("\r\n");
    if (lineEnd < 0 && this.rest.length > LONGEST_LINE) throw malformed();
    if (lineEnd < 0) return false;
    const match = /^([0-9a-f]+);chunk-signature=([0-9a-f]{64})$/i.exec(this.rest.toString("latin1", 0, lineEnd));
    const length = parseInt(match?.[1] ?? "", 16);
    if (!match || length > LARGEST_CHUNK_BYTES) throw malformed();
    const start = lineEnd + 2;
    if (length > 0 && this.rest.length < start + length + 2) return false;
    const chunk = this.rest.subarray(start, start + length);
    this.check(chunk, match[2] ?? "");
    if (length === 0) this.ended = true;
    else this.push(chunk);
    this.rest = this.rest.subarray(start + length + (length > 0 ? 2 : 0));
    return true;
  }

  private check(chunk: Buffer, signature: string): void {
    const { date, scope } = this.signing;
    const text = ["AWS4-HMAC-SHA256-PAYLOAD", date, scope, this.previous, EMPTY_HASH, sha256(chunk)].join("\n");
    this.previous = hmac(this.key, text).toString("hex");
    if (this.previous !== signature)
      throw new S3Error(403, "SignatureDoesNotMatch", "The signature of a chunk does not match its bytes.");
  }
}

const malformed = (): S3Error =>
  new S3Error(400, "InvalidRequest", "The body is not in signed chunks, as its headers claim.");
