import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { createApi } from "../../../../local/kubeflow/api/server";
import type { JsonObject, PipelineVersionReference, Run } from "../../../../local/kubeflow/model";
import { buildPage } from "../../../../local/kubeflow/page/build";
import { pageRoutes } from "../../../../local/kubeflow/page/routes";
import type { CompiledPipeline } from "../../../../pipelines/sdk/compile";
import { MemoryCatalog } from "../../../kubeflow/support/memory-catalog";
import { memoryReader } from "../../../kubeflow/support/memory-reader";
import { Workshop } from "../../../kubeflow/support/workshop";
import { Steps } from "./steps";

export interface Wish {
  readonly name: string;
  readonly parameters?: JsonObject;
  readonly experimentId?: string;
}

/** The real store, engine, API and page; pods, cluster and bucket are played. */
export class Theatre {
  readonly steps = new Steps();
  private readonly catalog = new MemoryCatalog(Date.now);
  private readonly workshop = new Workshop((container) => this.steps.program(container));
  private readonly folder = mkdtempSync(join(tmpdir(), "page-"));
  private app: FastifyInstance | undefined;
  private forwarder: Server | undefined;

  /** @returns address of the page */
  async open(): Promise<string> {
    await buildPage(this.folder);
    const { store, engine, objects } = this.workshop;
    this.app = await createApi({
      store,
      engine,
      catalog: this.catalog,
      artifacts: memoryReader(objects),
      namespace: "recommenders",
      now: Date.now,
      report: (line) => console.error(line),
    });
    pageRoutes(this.app, this.folder);
    await this.app.listen({ host: "127.0.0.1", port: 0 });
    return `http://127.0.0.1:${(this.app.server.address() as AddressInfo).port}/`;
  }

  /** Address of the page below a path, as the API server of a cluster forwards it for who may use its Services. */
  async forwarded(path: string): Promise<string> {
    const { port } = this.app?.server.address() as AddressInfo;
    this.forwarder = createServer((request, response) => {
      if (!request.url?.startsWith(path)) return void response.writeHead(404).end();
      const { method, headers } = request;
      const there = { host: "127.0.0.1", port, method, headers, path: `/${request.url.slice(path.length)}` };
      request.pipe(
        forward(there, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    await new Promise<void>((done) => this.forwarder?.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(this.forwarder.address() as AddressInfo).port}${path}`;
  }

  /** A pipeline with a version named by its content. */
  async pipeline({ name, displayName, description, digest, ...compiled }: CompiledPipeline) {
    const { id: pipelineId } = await this.catalog.createPipeline({ name, displayName, description });
    const { pipelineSpec, platformSpec } = compiled as { pipelineSpec: JsonObject; platformSpec?: JsonObject };
    const content = { pipelineSpec, ...(platformSpec && { platformSpec }) };
    const version = { name: `${name}-${digest.slice(0, 10)}`, package: content };
    const { id: pipelineVersionId } = await this.catalog.createVersion(pipelineId, version);
    return { pipelineId, pipelineVersionId };
  }

  /** An experiment beside the default one. */
  async experiment(displayName: string): Promise<string> {
    const { experiment_id } = await this.post<{ experiment_id: string }>("experiments", { display_name: displayName });
    return experiment_id;
  }

  /** A schedule that nobody looks at: runs are only started by the test. */
  async recurring(displayName: string, version: PipelineVersionReference): Promise<void> {
    const { store } = this.workshop;
    const time = Date.now();
    const what = { id: randomUUID(), experimentId: "", displayName, enabled: true, parameters: {}, version };
    const when = { trigger: { kind: "interval", seconds: 3600 }, maxConcurrency: 1, noCatchup: true } as const;
    await store.change(() => store.recurringRuns.put({ ...what, ...when, createdAt: time, updatedAt: time }));
  }

  /** Starts a run as a caller of the API would. */
  async start(version: PipelineVersionReference, { name, parameters = {}, experimentId }: Wish): Promise<Run> {
    const { pipelineId: pipeline_id, pipelineVersionId: pipeline_version_id } = version;
    const { run_id } = await this.post<{ run_id: string }>("runs", {
      display_name: name,
      experiment_id: experimentId,
      pipeline_version_reference: { pipeline_id, pipeline_version_id },
      runtime_config: { parameters },
    });
    return this.run(run_id);
  }

  finished(id: string): Promise<Run> {
    return this.workshop.finished(id);
  }

  run(id: string): Run {
    const run = this.workshop.store.runs.get(id);
    if (!run) throw new Error(`There is no run ${id}.`);
    return run;
  }

  /** Id of a task by its path of names and iterations. */
  taskId(runId: string, path: string): string {
    const tasks = this.workshop.tasks(runId);
    const task = tasks[path];
    if (!task) throw new Error(`There is no task ${path} among ${Object.keys(tasks).join(", ")}.`);
    return task.id;
  }

  async close(): Promise<void> {
    this.forwarder?.close();
    this.forwarder?.closeAllConnections();
    await this.app?.close();
    await this.workshop.dispose();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async post<T>(path: string, payload: object): Promise<T> {
    const answer = await this.app?.inject({ method: "POST", url: `/apis/v2beta1/${path}`, payload });
    if (answer?.statusCode !== 200) throw new Error(`POST ${path} was answered: ${answer?.body}`);
    return answer.json<T>();
  }
}
