import { Agent, request } from "undici";

/** The fields of Kubernetes objects that the local stack reads. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly spec?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
  readonly [field: string]: unknown;
}

export interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly { readonly kind: string }[];
}

export class KubernetesError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

/** The few calls to an API server that running a cluster takes; a full client library takes longer to load than to boot. */
export class KubernetesApi {
  private readonly agent: Agent;

  constructor(
    readonly host: string,
    caCertificate: string,
    private readonly token: string,
  ) {
    this.agent = new Agent({
      connect: { ca: caCertificate, timeout: 2_000 },
      headersTimeout: 15_000,
      bodyTimeout: 15_000,
    });
  }

  async call(
    method: "GET" | "POST" | "PATCH" | "DELETE",
    path: string,
    body?: unknown,
    type = "application/json",
  ): Promise<unknown> {
    const response = await request(`${this.host}${path}`, {
      method,
      dispatcher: this.agent,
      headers: { authorization: `Bearer ${this.token}`, accept: "application/json", "content-type": type },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.body.text();
    if (response.statusCode >= 400) {
      throw new KubernetesError(response.statusCode, `${method} ${path}: ${response.statusCode} ${reason(text)}`);
    }
    return text.startsWith("{") ? (JSON.parse(text) as unknown) : text;
  }

  /** Undefined where there is no such object. */
  async get<T = KubernetesObject>(path: string): Promise<T | undefined> {
    return this.call("GET", path).then((value) => value as T, absent);
  }

  async list<T = KubernetesObject>(path: string): Promise<readonly T[]> {
    return ((await this.call("GET", path)) as { items: T[] }).items;
  }

  /** Server-side apply of one object under our own field manager. */
  async apply(path: string, object: KubernetesObject): Promise<void> {
    await this.call(
      "PATCH",
      `${path}/${object.metadata.name}?fieldManager=kapsule&force=true`,
      object,
      "application/apply-patch+yaml",
    );
  }

  async patch(path: string, patch: unknown, type: "merge" | "strategic-merge" = "merge"): Promise<void> {
    await this.call("PATCH", path, patch, `application/${type}-patch+json`);
  }

  /** An object that is gone already is not an error. */
  async delete(path: string, gracePeriodSeconds?: number): Promise<void> {
    const options = { kind: "DeleteOptions", apiVersion: "v1", gracePeriodSeconds };
    await this.call("DELETE", path, options).catch(absent);
  }

  close(): Promise<void> {
    return this.agent.destroy();
  }
}

function absent(error: unknown): undefined {
  if (error instanceof KubernetesError && error.status === 404) return undefined;
  throw error;
}

function reason(text: string): string {
  try {
    return (JSON.parse(text) as { message?: string }).message ?? text;
  } catch {
    return text.trim();
  }
}
