import { createServer, type Server } from "node:https";
import { text } from "node:stream/consumers";

/** What the API server asked. */
export interface Review {
  readonly path: string;
  readonly operation: string;
  readonly name: string;
}

/** Stands behind the Service as a backend would, with its certificate, and admits everything. */
export class JudgingWebhook {
  readonly reviews: Review[] = [];

  private constructor(private readonly server: Server) {}

  /** @param address of the Service: in these tests the machine itself owns it */
  static async listen(address: string, port: number, cert: string, key: string): Promise<JudgingWebhook> {
    const server = createServer({ cert, key });
    const webhook = new JudgingWebhook(server);
    server.on("request", (request, response) => {
      void text(request).then((body) => {
        const { request: review } = JSON.parse(body) as {
          request: { uid: string; operation: string; name: string };
        };
        const { uid, operation, name } = review;
        webhook.reviews.push({ path: request.url ?? "", operation, name });
        const answer = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response: { uid, allowed: true } };
        response.setHeader("content-type", "application/json").end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((listening, failed) => server.once("error", failed).listen(port, address, listening));
    return webhook;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
