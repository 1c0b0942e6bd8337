import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type {
  ExperimentMessage,
  JsonObject,
  RecurringRunMessage,
  RunMessage,
  RuntimeState,
  TaskDetail,
  VersionMessage,
} from "../../../../infra/recommender/runs/messages";

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
export type FakeRun = Mutable<RunMessage> & { runtime_config?: { parameters?: JsonObject } };

export interface Refusal {
  readonly status: number;
  readonly message: string;
}

/** What happens to a run when it is looked at for the nth time, from 1 on. */
export type Script = (run: FakeRun, look: number) => void;

const task = (name: string, state: RuntimeState, more: Partial<TaskDetail> = {}): TaskDetail => ({
  task_id: `task-${name}`,
  display_name: name,
  state,
  start_time: "2026-11-21T08:00:00Z",
  ...(state !== "RUNNING" && { end_time: "2026-11-21T08:00:07Z" }),
  ...more,
});

/** A run of two steps, the first of them cached. */
export const succeeding: Script = (run, look) => {
  const prepare = task("prepare", "SUCCEEDED", { kind: "container", cached: true });
  const attempts = [{ node_name: "cpu-1" }];
  if (look === 1) {
    run.state = "RUNNING";
    run.run_details = { task_details: [prepare, task("train", "RUNNING", { attempts })] };
    return;
  }
  run.state = "SUCCEEDED";
  run.finished_at = "2026-11-21T08:00:09Z";
  const output_artifacts = { report: [{ type: "system.Metrics", metadata: { recall: 0.25 } }] };
  const trained = task("train", "SUCCEEDED", { attempts, output_parameters: { rmse: 0.87 }, output_artifacts });
  run.run_details = { task_details: [prepare, trained] };
};

/** A run whose only step fails, as the compact backend tells it. */
export const failing: Script = (run) => {
  run.state = "FAILED";
  run.finished_at = "2026-11-21T08:00:09Z";
  run.error = { code: 13, message: "task train failed: exit code 1; the last lines of its log:\nno ratings in file" };
  run.run_details = { task_details: [task("train", "FAILED")] };
};

/** A run that never ends by itself. */
export const lasting: Script = (run) => {
  run.state = run.state === "CANCELING" ? "FAILED" : "RUNNING";
};

/**
 * As much of the pipelines' REST API as deploys use, behind the service proxy of an API server or in its place. It knows
 * every pipeline version that it is asked for, unless `versions` lists those that there are.
 */
export class FakePipelines {
  readonly experiments: Mutable<ExperimentMessage>[] = [];
  readonly runs: FakeRun[] = [];
  readonly recurringRuns: (Mutable<RecurringRunMessage> & Record<string, unknown>)[] = [];
  versions: VersionMessage[] | undefined;
  script: Script = succeeding;
  /** Logs by pod name, answered as the API server does. */
  readonly podLogs = new Map<string, string>();
  /** `<method> <path>` of every call but those of looking. */
  readonly changes: string[] = [];
  /** Answers the next calls instead; `lost` does what was asked and hangs up. */
  readonly faults: (Refusal | "lost")[] = [];
  private readonly looks = new Map<string, number>();

  private constructor(private readonly server: Server) {}

  static async start(): Promise<FakePipelines> {
    const server = createServer((request, response) => void fake.answer(request, response));
    const fake = new FakePipelines(server);
    await new Promise<void>((done, fail) => server.once("error", fail).listen(0, "127.0.0.1", done));
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Stands for a kubeconfig of an API server that is this one. */
  kubeconfig(token = "token of the test"): string {
    return JSON.stringify({
      "current-context": "test",
      contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
      clusters: [{ name: "test", cluster: { server: `http://127.0.0.1:${this.port}` } }],
      users: [{ name: "test", user: { token } }],
    });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((done) => this.server.close(done));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    const { method = "", url = "" } = request;
    const { pathname, searchParams } = new URL(url, "http://fake");
    const path = pathname.replace(/^.*\/apis\/v2beta1/, "");
    if (method !== "GET") this.changes.push(`${method} ${path}`);
    const fault = this.faults.shift();
    if (fault !== undefined && fault !== "lost") return send(response, fault.status, errorBody(fault));
    const log = /\/pods\/([^/]+)\/log$/.exec(path)?.[1];
    if (log !== undefined) {
      const written = this.podLogs.get(log);
      return written === undefined
        ? send(response, 404, { kind: "Status", message: `pods "${log}" not found`, details: { name: log } })
        : void response.end(written);
    }
    const body = text === "" ? {} : (JSON.parse(text) as JsonObject);
    try {
      const answer = this.route(method, path, searchParams, body);
      if (fault === "lost") response.destroy();
      else send(response, 200, answer);
    } catch (error) {
      const refusal = error as Refusal;
      send(response, refusal.status ?? 500, errorBody(refusal));
    }
  }

  private route(method: string, path: string, query: URLSearchParams, body: JsonObject): unknown {
    const [, kind = "", rest = ""] = /^\/([a-z]+)\/?(.*)$/.exec(path) ?? [];
    const [id = "", verb] = rest.split(":");
    if (kind === "pipelines") return this.routeVersions(method, id);
    const list = this.listOf(kind);
    if (method === "GET" && id === "") return page(kind, list.filter(matches(query)), query);
    if (method === "POST" && id === "") return this.make(kind, body);
    const found = list.find((item) => idOf(item) === id);
    if (!found) throw refusal(404, `${kind} ${id} not found`);
    if (method === "GET") return kind === "runs" ? this.look(found as FakeRun) : found;
    if (method === "DELETE") list.splice(list.indexOf(found), 1);
    else change(found, verb ?? "");
    return {};
  }

  private routeVersions(method: string, id: string): unknown {
    const [pipeline = "", , version] = id.split("/");
    if (version === undefined) return { pipeline_versions: this.versions ?? [] };
    const known = this.versions ?? [{ pipeline_version_id: version, created_at: "2026-11-21T08:00:00Z" }];
    const found = known.find(({ pipeline_version_id }) => pipeline_version_id === version);
    if (!found) throw refusal(404, `version ${version} of ${pipeline} not found`);
    if (method === "DELETE") this.versions = known.filter((other) => other !== found);
    return found;
  }

  private listOf(kind: string): object[] {
    const lists: Readonly<Record<string, object[]>> = {
      experiments: this.experiments,
      runs: this.runs,
      recurringruns: this.recurringRuns,
    };
    const list = lists[kind];
    if (!list) throw refusal(404, "Not Found");
    return list;
  }

  private make(kind: string, body: JsonObject): unknown {
    const made = { ...body, storage_state: "AVAILABLE", created_at: "2026-11-21T08:00:00Z" };
    if (kind === "experiments") {
      if (this.experiments.some(({ display_name }) => display_name === body["display_name"]))
        throw refusal(409, "Already exist");
      this.experiments.push({ ...made, experiment_id: randomUUID() } as ExperimentMessage);
      return this.experiments.at(-1);
    }
    if (kind === "runs") {
      this.runs.unshift({ ...made, run_id: randomUUID(), state: "PENDING" } as FakeRun);
      return this.runs[0];
    }
    const status = body["mode"] === "ENABLE" ? "ENABLED" : "DISABLED";
    this.recurringRuns.push({ ...made, recurring_run_id: randomUUID(), status });
    return this.recurringRuns.at(-1);
  }

  private look(run: FakeRun): FakeRun {
    const look = (this.looks.get(run.run_id) ?? 0) + 1;
    this.looks.set(run.run_id, look);
    if (run.state === "PENDING" || run.state === "RUNNING" || run.state === "CANCELING") this.script(run, look);
    return run;
  }
}

function change(item: object, verb: string): void {
  const changed: Record<string, object> = {
    archive: { storage_state: "ARCHIVED" },
    unarchive: { storage_state: "AVAILABLE" },
    terminate: { state: "CANCELING" },
    enable: { status: "ENABLED" },
    disable: { status: "DISABLED" },
  };
  const fields = changed[verb];
  if (!fields) throw refusal(404, `no verb ${verb}`);
  Object.assign(item, fields);
}

function matches(query: URLSearchParams): (item: object) => boolean {
  const filter = query.get("filter");
  const predicates = filter ? (JSON.parse(filter) as { predicates: { string_value: string }[] }).predicates : [];
  const experiment = query.get("experiment_id");
  return (item) => {
    const { display_name, experiment_id } = item as { display_name?: string; experiment_id?: string };
    const wanted = predicates.every(({ string_value }) => display_name === string_value);
    return wanted && (!experiment || experiment_id === experiment);
  };
}

/** Two of them a page, so that readers have to turn it. */
function page(kind: string, all: readonly object[], query: URLSearchParams): object {
  if (all.length === 0) return {};
  const start = Number(query.get("page_token") ?? 0);
  const next = start + 2;
  const field = kind === "recurringruns" ? "recurringRuns" : kind;
  return { [field]: all.slice(start, next), ...(next < all.length && { next_page_token: String(next) }) };
}

function idOf(item: object): string {
  const { run_id, recurring_run_id, experiment_id } = item as Record<string, string | undefined>;
  return run_id ?? recurring_run_id ?? experiment_id ?? "";
}

function refusal(status: number, message: string): Error & Refusal {
  return Object.assign(new Error(message), { status });
}

function errorBody({ message }: Refusal): object {
  return { code: 13, message: `outer: ${message}`, details: [{ "@type": "google.rpc.Status", code: 13, message }] };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
