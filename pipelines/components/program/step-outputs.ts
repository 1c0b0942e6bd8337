import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { StepError } from "./step-error";

interface Artifact {
  readonly uri: string;
}

interface Given {
  readonly parameters?: Readonly<Record<string, { readonly outputFile: string }>>;
  readonly artifacts?: Readonly<Record<string, { readonly artifacts: readonly [Artifact] }>>;
  readonly outputFile?: string;
}

/** Where the backend puts what lies in a bucket. */
const PLACES = { "s3://": "/s3/", "gs://": "/gcs/", "minio://": "/minio/" };

/** Outputs of a task of a pipeline, by Kubeflow's executor contract; without a pipeline nothing is written. */
export class StepOutputs {
  private readonly given: Given;
  private readonly metadata = new Map<string, object>();

  /** @param executorInput JSON that `{{$}}` becomes in a command line; empty outside of a pipeline */
  constructor(executorInput = "") {
    this.given = executorInput ? parsed(executorInput) : {};
  }

  /** Writes an output parameter; one that the pipeline does not ask for is dropped. */
  async parameter(name: string, value: string | number | boolean): Promise<void> {
    const wanted = this.given.parameters?.[name];
    if (wanted) await write(wanted.outputFile, String(value));
  }

  /** Writes an output artifact with its metadata; one that the pipeline does not ask for is dropped. */
  async artifact(name: string, content: string, metadata: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const wanted = this.given.artifacts?.[name]?.artifacts[0];
    if (!wanted) return;
    await write(localPath(wanted.uri), content);
    this.metadata.set(name, { artifacts: [{ ...wanted, metadata }] });
  }

  /** Hands over the metadata; parameters and files count without it. */
  async finish(): Promise<void> {
    if (this.metadata.size === 0 || !this.given.outputFile) return;
    await write(this.given.outputFile, JSON.stringify({ artifacts: Object.fromEntries(this.metadata) }));
  }
}

function localPath(uri: string): string {
  const [scheme, place] = Object.entries(PLACES).find(([prefix]) => uri.startsWith(prefix)) ?? ["", ""];
  return place + uri.slice(scheme.length);
}

async function write(path: string, content: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}

function parsed(executorInput: string): Given {
  try {
    return (JSON.parse(executorInput) as { outputs?: Given }).outputs ?? {};
  } catch {
    throw new StepError("--executor-input is not JSON; a pipeline writes {{$}} there.");
  }
}
