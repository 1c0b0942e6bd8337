import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import type { ArtifactPreviewMessage } from "../api/messages";

/** Files of the page, as they lie in its folder. */
const TYPES = {
  "index.html": "text/html; charset=utf-8",
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
} as const;

/** The page is made of its own files and of what this server says, and of nothing else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "frame-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** A step's document may look as it likes, and do nothing: no script, no form, no network, no origin of ours. */
const DOCUMENT_POLICY =
  "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'";

/** Bytes of an HTML artifact that are shown. */
const DOCUMENT_BYTES = 1024 * 1024;

/**
 * Serves the runs page under `/`, beside the API it reads.
 * @param folder what `buildPage` has written
 * @throws Error where a file of the page cannot be read
 */
export function pageRoutes(app: FastifyInstance, folder: string): void {
  for (const [name, type] of Object.entries(TYPES)) {
    const content = read(folder, name);
    const tag = `"${createHash("sha256").update(content).digest("base64url")}"`;
    app.get(name === "index.html" ? "/" : `/${name}`, (request, reply) => {
      reply
        .header("content-security-policy", POLICY)
        .header("x-content-type-options", "nosniff")
        .header("referrer-policy", "no-referrer")
        .header("cache-control", "no-cache")
        .header("etag", tag);
      return request.headers["if-none-match"] === tag ? reply.code(304).send() : reply.type(type).send(content);
    });
  }
  app.get<{ Params: { id: string }; Querystring: { path?: string } }>(
    "/artifacts/:id/document",
    async (request, reply) => {
      const query = new URLSearchParams({ bytes: String(DOCUMENT_BYTES), ...request.query });
      const url = `/apis/v2beta1/artifacts/${encodeURIComponent(request.params.id)}:preview?${query.toString()}`;
      const answer = await app.inject({ method: "GET", url });
      reply
        .header("content-security-policy", DOCUMENT_POLICY)
        .header("x-content-type-options", "nosniff")
        .header("referrer-policy", "no-referrer")
        .header("cache-control", "no-store");
      if (answer.statusCode !== 200)
        return reply
          .code(answer.statusCode)
          .type("text/plain; charset=utf-8")
          .send(answer.json<{ message: string }>().message);
      const { text } = answer.json<ArtifactPreviewMessage>();
      return reply.type("text/html; charset=utf-8").send(text ?? "<p>It is no text; download it to see it.</p>");
    },
  );
}

function read(folder: string, name: string): Buffer {
  try {
    return readFileSync(join(folder, name));
  } catch (error) {
    const remedy = "write the page there (local/kubeflow/page/build.ts), or unset it for none.";
    throw new Error(`PAGE_DIRECTORY is "${folder}": ${(error as Error).message}; ${remedy}`, { cause: error });
  }
}
