import type { FastifyInstance } from "fastify";
import type { Backend } from "../../../local/kubeflow/api/backend";
import { createApi } from "../../../local/kubeflow/api/server";
import type { JsonObject, PipelinePackage } from "../../../local/kubeflow/model";
import { echo } from "./echo-program";
import { MemoryCatalog } from "./memory-catalog";
import { memoryReader } from "./memory-reader";
import { graph, pipeline, step, task } from "./specs";
import { Workshop } from "./workshop";

export interface Answer<T> {
  readonly status: number;
  readonly body: T;
}

type Method = "GET" | "POST" | "PATCH" | "DELETE";

/** The API without a network, on the real engine and store and a fake cluster, with a clock of the test's own. */
export class TestApi {
  readonly workshop = new Workshop(echo);
  /** Milliseconds since the epoch. */
  time = Date.parse("2026-03-01T12:00:00Z");
  readonly catalog = new MemoryCatalog(() => this.time);
  readonly backend: Backend;
  private app?: FastifyInstance;

  constructor() {
    const { workshop, catalog } = this;
    this.backend = {
      get store() {
        return workshop.store;
      },
      get engine() {
        return workshop.engine;
      },
      catalog,
      artifacts: memoryReader(workshop.objects),
      namespace: "recommenders",
      now: () => this.time,
      report: (line) => workshop.reports.push(line),
    };
  }

  static async start(): Promise<TestApi> {
    const api = new TestApi();
    api.app = await createApi(api.backend);
    return api;
  }

  async stop(): Promise<void> {
    await this.app?.close();
    await this.workshop.dispose();
  }

  async call<T>(method: Method, path: string, body?: unknown): Promise<Answer<T>> {
    const payload = typeof body === "string" ? body : body === undefined ? undefined : JSON.stringify(body);
    const headers = { "content-type": "application/json" };
    const answer = await this.raw(method, path, payload, headers);
    return { status: answer.statusCode, body: answer.json<T>() };
  }

  get = <T>(path: string) => this.call<T>("GET", path);
  post = <T>(path: string, body?: unknown) => this.call<T>("POST", path, body);

  raw(method: Method, path: string, payload?: string | Buffer, headers: Record<string, string> = {}) {
    if (!this.app) throw new Error("The API was not started.");
    return this.app.inject({ method, url: `/apis/v2beta1${path}`, payload, headers });
  }

  /** Uploads a file in a form, as the client does. */
  async upload<T>(path: string, name: string, content: Buffer): Promise<Answer<T>> {
    const boundary = "b0undary";
    const disposition = `Content-Disposition: form-data; name="uploadfile"; filename="${name}"`;
    const head = `--${boundary}\r\n${disposition}\r\nContent-Type: application/octet-stream\r\n\r\n`;
    const form = Buffer.concat([Buffer.from(head), content, Buffer.from(`\r\n--${boundary}--\r\n`)]);
    const answer = await this.raw("POST", path, form, { "content-type": `multipart/form-data; boundary=${boundary}` });
    return { status: answer.statusCode, body: answer.json<T>() };
  }
}

/** A pipeline of one step that runs these words; inputs are types, or definitions with default or literals. */
export function saying(words: readonly string[], inputs: Record<string, JsonObject | string> = {}): PipelinePackage {
  const parameters = Object.fromEntries(
    Object.entries(inputs).map(([name, input]) => [name, typeof input === "string" ? { parameterType: input } : input]),
  );
  const root = graph({ say: task("say") }, { inputDefinitions: { parameters } });
  return pipeline(root, { say: step({ container: { command: [...words] } }) });
}
