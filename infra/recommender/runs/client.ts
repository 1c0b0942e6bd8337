import type { Backend } from "./backend";
import { ClusterHttp, RefusedError, UnreachableError, type Call } from "./http";
import type { ExperimentMessage, JsonObject, RecurringRunMessage, RunMessage, VersionMessage } from "./messages";

/** A call that failed, as one sentence that names it, what was answered and the remedy. */
export class PipelinesError extends Error {
  constructor(
    message: string,
    /** HTTP status; undefined where nobody answered. */
    readonly status: number | undefined,
    options: ErrorOptions,
  ) {
    super(message, options);
    this.name = "PipelinesError";
  }
}

/** What a new run consists of. */
export interface NewRun {
  readonly displayName: string;
  readonly experimentId: string;
  readonly pipelineId: string;
  readonly versionId: string;
  readonly parameters: JsonObject;
}

/** As {@link NewRun}, started again and again. */
export interface NewRecurringRun extends NewRun {
  readonly trigger: JsonObject;
  readonly maxConcurrency: number;
  readonly noCatchup: boolean;
  readonly enabled: boolean;
}

const BASE = "/apis/v2beta1";
/** Entries per page, the most that the API gives. */
const PAGE_SIZE = 200;

/** The REST API of Kubeflow Pipelines (v2beta1), as far as deploys need it. Every method throws {@link PipelinesError}. */
export class PipelinesClient {
  private readonly http: ClusterHttp;

  constructor(
    private readonly backend: Backend,
    patienceMilliseconds?: number,
  ) {
    this.http = new ClusterHttp(backend.kubeconfig, patienceMilliseconds);
  }

  close(): void {
    this.http.close();
  }

  getVersion(pipelineId: string, versionId: string): Promise<VersionMessage> {
    return this.call("GET", `/pipelines/${pipelineId}/versions/${versionId}`);
  }

  versions(pipelineId: string): Promise<VersionMessage[]> {
    return this.pages("/pipelines/" + pipelineId + "/versions", "pipeline_versions", { sort_by: "created_at desc" });
  }

  async deleteVersion(pipelineId: string, versionId: string): Promise<void> {
    await this.call("DELETE", `/pipelines/${pipelineId}/versions/${versionId}`);
  }

  experimentsNamed(displayName: string): Promise<ExperimentMessage[]> {
    return this.pages("/experiments", "experiments", { filter: named(displayName) });
  }

  getExperiment(id: string): Promise<ExperimentMessage> {
    return this.call("GET", `/experiments/${id}`);
  }

  createExperiment(displayName: string): Promise<ExperimentMessage> {
    return this.call("POST", "/experiments", { display_name: displayName });
  }

  async changeExperiment(id: string, verb: "archive" | "unarchive"): Promise<void> {
    await this.call("POST", `/experiments/${id}:${verb}`, {});
  }

  /** Newest first. */
  runs(experimentId: string, displayName?: string): Promise<RunMessage[]> {
    const query = { experiment_id: experimentId, sort_by: "created_at desc" };
    return this.pages("/runs", "runs", displayName === undefined ? query : { ...query, filter: named(displayName) });
  }

  getRun(id: string): Promise<RunMessage> {
    return this.call("GET", `/runs/${id}`);
  }

  createRun(run: NewRun): Promise<RunMessage> {
    return this.call("POST", "/runs", runBody(run));
  }

  async changeRun(id: string, verb: "archive" | "terminate"): Promise<void> {
    await this.call("POST", `/runs/${id}:${verb}`, {});
  }

  async deleteRun(id: string): Promise<void> {
    await this.call("DELETE", `/runs/${id}`);
  }

  recurringRuns(experimentId: string): Promise<RecurringRunMessage[]> {
    return this.pages("/recurringruns", "recurringRuns", { experiment_id: experimentId });
  }

  getRecurringRun(id: string): Promise<RecurringRunMessage> {
    return this.call("GET", `/recurringruns/${id}`);
  }

  createRecurringRun(run: NewRecurringRun): Promise<RecurringRunMessage> {
    return this.call("POST", "/recurringruns", {
      ...runBody(run),
      trigger: run.trigger,
      max_concurrency: run.maxConcurrency,
      no_catchup: run.noCatchup,
      mode: run.enabled ? "ENABLE" : "DISABLE",
    });
  }

  async changeRecurringRun(id: string, verb: "enable" | "disable"): Promise<void> {
    await this.call("POST", `/recurringruns/${id}:${verb}`, {});
  }

  async deleteRecurringRun(id: string): Promise<void> {
    await this.call("DELETE", `/recurringruns/${id}`);
  }

  /** The last lines that a pod of the backend's namespace wrote; undefined where they cannot be had. */
  async podLog(pod: string, lines: number): Promise<string | undefined> {
    const query = new URLSearchParams({ container: "main", tailLines: String(lines) });
    const path = `/api/v1/namespaces/${this.backend.namespace}/pods/${pod}/log?${query.toString()}`;
    try {
      return (await this.http.send({ method: "GET", path, asText: true })) as string;
    } catch {
      // The pod is gone, or has no such container: what failed is told without its log.
      return undefined;
    }
  }

  private async pages<T>(path: string, field: string, query: Readonly<Record<string, string>>): Promise<T[]> {
    const found: T[] = [];
    for (let token = ""; ;) {
      const search = new URLSearchParams({ ...query, page_size: String(PAGE_SIZE), page_token: token });
      const page = await this.call<Record<string, unknown>>("GET", `${path}?${search.toString()}`);
      found.push(...((page[field] as T[] | undefined) ?? []));
      token = (page["next_page_token"] as string | undefined) ?? "";
      if (token === "") return found;
    }
  }

  private async call<T>(method: Call["method"], path: string, body?: unknown): Promise<T> {
    const { namespace, service, port } = this.backend;
    const proxy = `/api/v1/namespaces/${namespace}/services/http:${service}:${port}/proxy`;
    try {
      return (await this.http.send({ method, path: proxy + BASE + path, body })) as T;
    } catch (error) {
      throw this.explained(`${method} ${BASE}${path.replace(/\?.*/, "")}`, error);
    }
  }

  private explained(call: string, error: unknown): PipelinesError {
    const { namespace, service } = this.backend;
    const where = `${call} of Service ${service} in namespace ${namespace}`;
    if (error instanceof UnreachableError) {
      const { server, code } = error;
      return new PipelinesError(
        `${where} failed: the API server ${server} does not answer (${code}). Check that the cluster is up and that this machine may reach it.`,
        undefined,
        { cause: error },
      );
    }
    if (!(error instanceof RefusedError)) {
      return new PipelinesError(
        `${where} failed: ${error instanceof Error ? error.message : String(error)}`,
        undefined,
        {
          cause: error,
        },
      );
    }
    const said = error.message.replace(/\.$/, "");
    return new PipelinesError(
      `${where} failed with ${error.status}: ${said}.${remedy(error, namespace, service)}`,
      error.status,
      {
        cause: error,
      },
    );
  }
}

function remedy({ status, message }: RefusedError, namespace: string, service: string): string {
  if (status === 401) return ' The kubeconfig is out of date: run "pulumi up --refresh".';
  if (status === 403)
    return ` Its user needs the right to "create" and "get" services/proxy in namespace ${namespace}.`;
  if (status === 503 || (status === 404 && message.startsWith("services ")))
    return ` Look at its pods: kubectl --namespace ${namespace} get pods,endpointslices; Service ${service} must have a ready one.`;
  return "";
}

function runBody({ displayName, experimentId, pipelineId, versionId, parameters }: NewRun) {
  return {
    display_name: displayName,
    experiment_id: experimentId,
    pipeline_version_reference: { pipeline_id: pipelineId, pipeline_version_id: versionId },
    runtime_config: { parameters },
  };
}

function named(displayName: string): string {
  return JSON.stringify({ predicates: [{ operation: "EQUALS", key: "display_name", string_value: displayName }] });
}
