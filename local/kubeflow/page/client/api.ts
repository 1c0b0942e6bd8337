import type {
  ArtifactPreviewMessage,
  ExperimentMessage,
  PipelineMessage,
  PipelineVersionMessage,
  RecurringRunMessage,
  RunMessage,
} from "../../api/messages";
import type { JsonObject } from "../../model";
import type { RunFilter } from "./route";

/** A refusal of the API, or its silence, in a sentence for the person in front of the page. */
export class ApiFault extends Error {
  constructor(
    message: string,
    /** HTTP status; 0 where there was no answer. */
    readonly status: number,
  ) {
    super(message);
  }
}

export interface RunList {
  readonly runs?: readonly RunMessage[];
  readonly total_size?: number;
  readonly next_page_token?: string;
}

/** More text of a log. */
export interface LogPiece {
  readonly content: Uint8Array;
  /** Bytes of the whole log so far. */
  readonly end: number;
}

/** What can be done with a run or a recurring run from here. */
export type RunVerb = "terminate" | "retry" | "archive" | "unarchive";

/** Most entries of one answer; the API gives no more. */
const LARGEST_PAGE = "200";
const RUNS_OF_A_PAGE = "50";

/** Where the page lies, the API lies too, with or without a path in front. */
const BASE = "apis/v2beta1/";

/** Address of an artifact's content, as a file to keep. */
export function downloadAddress(artifactId: string, path: string | undefined): string {
  return `${BASE}artifacts/${encodeURIComponent(artifactId)}:download${path ? `?${query({ path })}` : ""}`;
}

/** Address of an HTML artifact as a document that can do nothing. */
export function documentAddress(artifactId: string, path: string | undefined): string {
  return `artifacts/${encodeURIComponent(artifactId)}/document${path ? `?${query({ path })}` : ""}`;
}

/** Address of a task's whole log. */
export function logAddress(runId: string, taskId: string): string {
  return `${BASE}runs/${encodeURIComponent(runId)}/tasks/${encodeURIComponent(taskId)}/log`;
}

/** Calls of the REST API. Every method throws ApiFault, or AbortError after the signal. */
export class Api {
  constructor(private readonly signal: AbortSignal) {}

  runs(filter: RunFilter): Promise<RunList> {
    const equals = (key: string, value: string) => ({ operation: "EQUALS", key, string_value: value });
    const predicates = [
      equals("storage_state", filter.archived ? "ARCHIVED" : "AVAILABLE"),
      ...(filter.experiment ? [equals("experiment_id", filter.experiment)] : []),
      ...(filter.pipeline ? [equals("pipeline_id", filter.pipeline)] : []),
      ...(filter.state ? [equals("state", filter.state)] : []),
    ];
    const values = { sort_by: "created_at desc", page_size: RUNS_OF_A_PAGE, page_token: filter.token ?? "" };
    return this.get(`runs?${query({ ...values, filter: JSON.stringify({ predicates }) })}`);
  }

  run(id: string): Promise<RunMessage> {
    return this.get(`runs/${encodeURIComponent(id)}`);
  }

  /** What a run was made from: the IR, or both documents under their names. */
  async packageOfRun(id: string): Promise<JsonObject> {
    return specOf(await this.get<JsonObject>(`runs/${encodeURIComponent(id)}/package`));
  }

  async changeRun(id: string, verb: RunVerb): Promise<void> {
    await this.ask("POST", `runs/${encodeURIComponent(id)}:${verb}`);
  }

  async log(runId: string, taskId: string, offset: number): Promise<LogPiece> {
    const address = logAddress(runId, taskId).slice(BASE.length);
    const response = await this.ask("GET", `${address}?${query({ offset: String(offset) })}`);
    const content = new Uint8Array(await response.arrayBuffer());
    return { content, end: Number(response.headers.get("x-next-offset") ?? offset + content.length) };
  }

  artifactPreview(id: string, path: string | undefined): Promise<ArtifactPreviewMessage> {
    return this.get(`artifacts/${encodeURIComponent(id)}:preview${path ? `?${query({ path })}` : ""}`);
  }

  async experiments(): Promise<readonly ExperimentMessage[]> {
    const values = { page_size: LARGEST_PAGE, sort_by: "created_at desc" };
    const answer = await this.get<{ experiments?: ExperimentMessage[] }>(`experiments?${query(values)}`);
    return answer.experiments ?? [];
  }

  experiment(id: string): Promise<ExperimentMessage> {
    return this.get(`experiments/${encodeURIComponent(id)}`);
  }

  async pipelines(): Promise<readonly PipelineMessage[]> {
    const values = { page_size: LARGEST_PAGE, sort_by: "created_at desc" };
    const answer = await this.get<{ pipelines?: PipelineMessage[] }>(`pipelines?${query(values)}`);
    return answer.pipelines ?? [];
  }

  pipeline(id: string): Promise<PipelineMessage> {
    return this.get(`pipelines/${encodeURIComponent(id)}`);
  }

  /** The newest first. */
  async versions(pipelineId: string): Promise<readonly PipelineVersionMessage[]> {
    const values = { page_size: LARGEST_PAGE, sort_by: "created_at desc" };
    const path = `pipelines/${encodeURIComponent(pipelineId)}/versions?${query(values)}`;
    return (await this.get<{ pipeline_versions?: PipelineVersionMessage[] }>(path)).pipeline_versions ?? [];
  }

  version(pipelineId: string, id: string): Promise<PipelineVersionMessage> {
    return this.get(`pipelines/${encodeURIComponent(pipelineId)}/versions/${encodeURIComponent(id)}`);
  }

  async recurringRuns(): Promise<readonly RecurringRunMessage[]> {
    const values = { page_size: LARGEST_PAGE, sort_by: "created_at desc" };
    const answer = await this.get<{ recurringRuns?: RecurringRunMessage[] }>(`recurringruns?${query(values)}`);
    return answer.recurringRuns ?? [];
  }

  async changeRecurringRun(id: string, verb: "enable" | "disable"): Promise<void> {
    await this.ask("POST", `recurringruns/${encodeURIComponent(id)}:${verb}`);
  }

  private async get<T>(path: string): Promise<T> {
    return (await (await this.ask("GET", path)).json()) as T;
  }

  private async ask(method: string, path: string): Promise<Response> {
    const response = await fetch(BASE + path, { method, signal: this.signal }).catch((error: unknown) => {
      if (this.signal.aborted) throw error;
      throw new ApiFault("The pipelines backend does not answer.", 0);
    });
    if (!response.ok) throw new ApiFault(await reasonOf(response), response.status);
    return response;
  }
}

/** The IR of a package, which comes alone or beside its platforms. */
export function specOf(content: JsonObject): JsonObject {
  const { pipeline_spec: wrapped } = content;
  return typeof wrapped === "object" && wrapped !== null && !Array.isArray(wrapped) ? wrapped : content;
}

async function reasonOf(response: Response): Promise<string> {
  const body = await response.text();
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === "string" && message !== "") return message;
  } catch {
    // Not the backend's own words: those of a proxy in between.
  }
  return `The pipelines backend answers ${response.status} ${response.statusText}.`.replace(" .", ".");
}

function query(values: Readonly<Record<string, string>>): string {
  return new URLSearchParams(values).toString();
}
