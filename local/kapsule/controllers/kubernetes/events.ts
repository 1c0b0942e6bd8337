import { createHash } from "node:crypto";
import { answered, type HttpClient } from "../../../kubernetes/http-client";
import { MERGE_PATCH } from "../../../kubernetes/client";
import type { KubernetesObject } from "../../../kubernetes/objects";

export interface EventTarget {
  readonly kind: string;
  readonly apiVersion: string;
  readonly object: KubernetesObject;
}

/**
 * Writes Kubernetes events, so that `kubectl describe` tells what a controller did or why it did not. The same event
 * on the same object is one Event with a count, also across restarts: its name is derived from its content.
 */
export class EventRecorder {
  private readonly lastWritten = new Map<string, number>();

  constructor(
    private readonly client: HttpClient,
    private readonly component: string,
    private readonly report: (message: string) => void,
  ) {}

  /** `repeatSeconds`: how long the same event stays silent after it was written. Failures are reported, not thrown. */
  async record(
    target: EventTarget,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    repeatSeconds = 0,
  ): Promise<void> {
    const { metadata } = target.object;
    const digest = createHash("sha256").update(`${metadata.uid}/${this.component}/${reason}/${message}`).digest("hex");
    const name = `${metadata.name}.${digest.slice(0, 16)}`;
    const now = Date.now();
    if (now - (this.lastWritten.get(name) ?? -Infinity) < repeatSeconds * 1000) return;
    if (this.lastWritten.size > 1000) this.lastWritten.clear();
    this.lastWritten.set(name, now);
    try {
      await this.write(target, name, { type, reason, message });
    } catch (error) {
      this.report(`event ${reason} on ${target.kind} ${metadata.name}: ${(error as Error).message}`);
    }
  }

  private async write(
    { kind, apiVersion, object: { metadata } }: EventTarget,
    name: string,
    content: { type: string; reason: string; message: string },
  ): Promise<void> {
    const namespace = metadata.namespace ?? "default";
    const path = `/api/v1/namespaces/${namespace}/events`;
    const time = new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const event = {
      apiVersion: "v1",
      kind: "Event",
      metadata: { name, namespace },
      involvedObject: { kind, apiVersion, name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
      source: { component: this.component },
      reportingComponent: this.component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
      ...content,
    };
    try {
      await this.client.json("POST", path, event);
    } catch (error) {
      if (!answered(error, 409)) throw error;
      const { count } = await this.client.json<{ count?: number }>("GET", `${path}/${name}`);
      await this.client.json("PATCH", `${path}/${name}`, { count: (count ?? 1) + 1, lastTimestamp: time }, MERGE_PATCH);
    }
  }
}
