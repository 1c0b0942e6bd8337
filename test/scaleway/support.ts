import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Instance, ensureInstance } from "../../local/instance";
import { type Emulator, startEmulator } from "../../local/scaleway/emulator";
import { SimulatedRuntime } from "../../local/scaleway/kubernetes/simulated-runtime";
import type { Timings } from "../../local/scaleway/platform";

export const REGION = "fr-par";

/** JSON of an answer, as tests read it. */
export interface Json {
  readonly [key: string]: unknown;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

/** A Scaleway of its own for one test file, in a temporary directory, with a machine that only claims to run clusters. */
export class TestScaleway {
  runtime = new SimulatedRuntime();
  private emulator: Emulator | undefined;

  private constructor(
    readonly instance: Instance,
    private readonly directory: string,
    private readonly timings: Partial<Timings>,
  ) {}

  static async start(timings: Partial<Timings> = { hold: 0, retry: 1 }): Promise<TestScaleway> {
    const directory = mkdtempSync(join(tmpdir(), "scaleway-test-"));
    const cache = process.env["RECOMMENDER_CACHE"];
    process.env["RECOMMENDER_CACHE"] = join(directory, "cache");
    const instance = await ensureInstance(join(directory, "state"));
    if (cache === undefined) delete process.env["RECOMMENDER_CACHE"];
    else process.env["RECOMMENDER_CACHE"] = cache;
    const scaleway = new TestScaleway(instance, directory, timings);
    await scaleway.boot();
    return scaleway;
  }

  /** Starts the process' insides again on the same state, as after a crash; `runtime` is kept unless replaced. */
  async restart(): Promise<void> {
    await this.emulator?.close();
    await this.boot();
  }

  async stop(): Promise<void> {
    await this.emulator?.close();
    rmSync(this.directory, { recursive: true, force: true });
    rmSync(this.instance.runDir, { recursive: true, force: true });
  }

  get edge() {
    if (!this.emulator) throw new Error("The test's Scaleway is not running.");
    return this.emulator.edge;
  }

  async call(method: string, path: string, body?: unknown, token = this.instance.account.secretKey): Promise<Reply> {
    const answer = await fetch(`http://127.0.0.1:${this.instance.ports.api}${path}`, {
      method,
      headers: { "X-Auth-Token": token, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await answer.text();
    const json = answer.headers.get("content-type") === "application/json";
    return { status: answer.status, headers: answer.headers, body: json ? (JSON.parse(text) as Json) : { text } };
  }

  get = (path: string, token?: string) => this.call("GET", path, undefined, token);
  post = (path: string, body: unknown = {}, token?: string) => this.call("POST", path, body, token);
  put = (path: string, body: unknown = {}) => this.call("PUT", path, body);
  patch = (path: string, body: unknown = {}) => this.call("PATCH", path, body);
  delete = (path: string, token?: string) => this.call("DELETE", path, undefined, token);

  /** Asks again until the answer satisfies the condition; the test's own time limit ends it. */
  async until(path: string, condition: (reply: Reply) => boolean): Promise<Reply> {
    for (;;) {
      const reply = await this.get(path);
      if (condition(reply)) return reply;
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** Kinds of everything that exists, sorted. */
  async kinds(): Promise<string[]> {
    const { body } = await this.get("/_local/resources");
    return (body["resources"] as { kind: string }[]).map(({ kind }) => kind).sort();
  }

  private async boot(): Promise<void> {
    this.emulator = await startEmulator(this.instance, {
      runtime: () => this.runtime,
      timings: this.timings,
      log: () => undefined,
    });
  }
}
