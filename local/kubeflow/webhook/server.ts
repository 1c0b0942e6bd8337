import { readFileSync, statSync } from "node:fs";
import type { SecureContextOptions } from "node:tls";
import type { Server } from "node:https";
import { fastify, type FastifyInstance } from "fastify";
import { type Admission, type AdmissionRequest, type AdmissionResponse, mutate, validate } from "./admission";

/** The API server asks about objects of up to 3 MiB, old and new. */
const LARGEST_REVIEW_BYTES = 16 * 1024 * 1024;
const RENEWAL_MILLISECONDS = 60_000;

/** PEM files. */
export interface TlsFiles {
  readonly certificate: string;
  readonly key: string;
}

export interface WebhookOptions extends Admission {
  readonly tls: TlsFiles;
  readonly report: (message: string) => void;
}

interface Review {
  readonly request: AdmissionRequest;
}

/** The admission webhook of PipelineVersion over TLS; the caller listens and closes. */
export function createWebhook({ tls, report, ...admission }: WebhookOptions): FastifyInstance {
  const app = fastify({ https: read(tls), bodyLimit: LARGEST_REVIEW_BYTES, forceCloseConnections: true });
  const serve = (
    path: string,
    decide: (admission: Admission, request: AdmissionRequest) => Promise<AdmissionResponse>,
  ) =>
    app.post<{ Body: Review }>(path, async ({ body }) => {
      const response = await decide(admission, body.request);
      return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
    });
  serve("/webhooks/mutate-pipelineversion", mutate);
  serve("/webhooks/validate-pipelineversion", validate);
  app.setErrorHandler((error: Error, { url }, reply) => {
    report(`webhook ${url}: ${error.message}`);
    return reply.code(500).send({ message: error.message });
  });
  followRenewals(app, tls, report);
  return app;
}

/** A mounted secret changes under the process: its new certificate is taken up without a restart. */
function followRenewals(
  app: { readonly server: Server; addHook(name: "onClose", hook: () => Promise<void>): unknown },
  tls: TlsFiles,
  report: (message: string) => void,
): void {
  let seen = statSync(tls.certificate).mtimeMs;
  const timer = setInterval(() => {
    try {
      const changed = statSync(tls.certificate).mtimeMs;
      if (changed === seen) return;
      app.server.setSecureContext(read(tls));
      seen = changed;
    } catch (error) {
      report(`webhook: the new certificate cannot be used: ${(error as Error).message}`);
    }
  }, RENEWAL_MILLISECONDS);
  timer.unref();
  app.addHook("onClose", () => {
    clearInterval(timer);
    return Promise.resolve();
  });
}

function read({ certificate, key }: TlsFiles): SecureContextOptions {
  return { cert: readFileSync(certificate), key: readFileSync(key) };
}
