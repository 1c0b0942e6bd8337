import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { S3Client } from "@aws-sdk/client-s3";

interface Stored {
  readonly content: Buffer;
  readonly changed: Date;
}

const REGION = "fr-par";
/** It believes every signature. */
const KEY = { accessKeyId: "a", secretAccessKey: "b" };

/** Object storage in memory, as far as models need it: conditions, listing and deletion. */
export class FakeBucket {
  readonly objects = new Map<string, Stored>();
  /** Requests answered, as `<method> <key> <status>`. */
  readonly requests: string[] = [];
  /** Called before a write takes effect. */
  beforePut: (key: string) => void = () => undefined;
  /** Status of every answer; undefined where requests are served. */
  fault: number | undefined;
  readonly client: S3Client;
  /** What a serving needs to read it. */
  readonly environment: Readonly<Record<string, string>>;
  private ticks = 0;

  private constructor(
    private readonly server: Server,
    port: number,
  ) {
    const endpoint = `http://127.0.0.1:${port}`;
    const options = { endpoint, region: REGION, credentials: KEY, forcePathStyle: true, maxAttempts: 1 };
    this.client = new S3Client(options);
    this.environment = {
      MODELS: "s3://models",
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
    };
  }

  /** A bucket called `models`. */
  static async start(): Promise<FakeBucket> {
    const server = createServer((request, response) => {
      // A write that a test lets fail ends without an answer, as on a machine that is gone.
      bucket.answer(request, response).catch(() => response.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bucket = new FakeBucket(server, (server.address() as AddressInfo).port);
    return bucket;
  }

  async stop(): Promise<void> {
    this.client.destroy();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  put(key: string, content: Buffer | string): void {
    // Each change is a second after the one before, whatever the clock says.
    this.objects.set(key, {
      content: Buffer.from(content),
      changed: new Date(Date.UTC(2026, 0, 1, 0, 0, this.ticks++)),
    });
  }

  json<T>(key: string): T {
    const stored = this.objects.get(key);
    if (!stored) throw new Error(`There is no ${key}, only ${[...this.objects.keys()].join(", ")}.`);
    return JSON.parse(stored.content.toString()) as T;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    const url = new URL(request.url ?? "/", "http://bucket");
    const key = decodeURIComponent(url.pathname.replace(/^\/models\/?/, ""));
    const send = (status: number, body: Buffer | string = "", headers: Record<string, string> = {}) => {
      this.requests.push(`${request.method} ${key} ${status}`);
      response.writeHead(status, headers).end(body);
    };
    if (this.fault !== undefined) return send(this.fault, "<Error><Code>SlowDown</Code></Error>");
    if (request.method === "POST") {
      for (const [, found = ""] of Buffer.concat(parts)
        .toString()
        .matchAll(/<Key>([^<]*)<\/Key>/g))
        this.objects.delete(found);
      send(200, "<DeleteResult/>");
    } else if (url.searchParams.has("list-type")) send(200, this.list(url.searchParams.get("prefix") ?? ""));
    else if (request.method === "PUT") this.write(key, Buffer.concat(parts), request, send);
    else this.read(key, request, send);
  }

  private read(key: string, { headers }: IncomingMessage, send: Send): void {
    const stored = this.objects.get(key);
    if (!stored) return send(404, "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>");
    const etag = etagOf(stored);
    if (headers["if-none-match"] === etag) return send(304);
    send(200, stored.content, { etag });
  }

  private write(key: string, content: Buffer, { headers }: IncomingMessage, send: Send): void {
    this.beforePut(key);
    const stored = this.objects.get(key);
    const wrong = headers["if-match"] !== undefined && headers["if-match"] !== (stored && etagOf(stored));
    if (wrong || (headers["if-none-match"] === "*" && stored))
      return send(412, "<Error><Code>PreconditionFailed</Code><Message>other</Message></Error>");
    this.put(key, content);
    send(200);
  }

  private list(prefix: string): string {
    const entries = [...this.objects].filter(([key]) => key.startsWith(prefix));
    const contents = entries.map(
      ([key, { changed }]) =>
        `<Contents><Key>${key}</Key><LastModified>${changed.toISOString()}</LastModified></Contents>`,
    );
    return `<ListBucketResult><IsTruncated>false</IsTruncated>${contents.join("")}</ListBucketResult>`;
  }
}

type Send = (status: number, body?: Buffer | string, headers?: Record<string, string>) => void;

function etagOf({ content }: Stored): string {
  return `"${createHash("md5").update(content).digest("hex")}"`;
}
