import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { CreateBucketCommand, PutBucketVersioningCommand, S3Client } from "@aws-sdk/client-s3";
import { bundle } from "../../../local/bundle";
import { cacheDirectory, freePorts } from "../../../local/instance";
import { waitUntil } from "../../../local/wait-until";
import { installedTools } from "../../../local/toolchain/ensure-tools";

const ROOT = resolve(__dirname, "../../..");
const KEYS = { accessKeyId: "test", secretAccessKey: "test-secret" };
const REGION = "local";
/** As long as anything on a busy machine may take; what comes in time ends the wait. */
const PATIENCE_MILLISECONDS = 60_000;

/** A real object server with a versioned bucket `models`, and the platform's own programs beside it. */
export class Models {
  readonly client: S3Client;
  private readonly children = new Set<ChildProcess>();

  private constructor(
    readonly folder: string,
    private readonly endpoint: string,
  ) {
    this.client = new S3Client({ endpoint, region: REGION, credentials: KEYS, forcePathStyle: true });
  }

  static async start(): Promise<Models> {
    const folder = mkdtempSync(join(tmpdir(), "models-"));
    const [port = 0] = await freePorts(1);
    const models = new Models(folder, `http://127.0.0.1:${port}`);
    for (const name of ["objects", "versions"]) mkdirSync(join(folder, name));
    const { versitygw } = installedTools();
    const place = ["posix", "--versioning-dir", join(folder, "versions"), join(folder, "objects")];
    const environment = { ROOT_ACCESS_KEY: KEYS.accessKeyId, ROOT_SECRET_KEY: KEYS.secretAccessKey };
    models.run(versitygw, ["--port", `127.0.0.1:${port}`, "--region", REGION, "--quiet", ...place], environment);
    const created = () =>
      models.client.send(new CreateBucketCommand({ Bucket: "models" })).then(
        () => true,
        () => false,
      );
    if (!(await waitUntil(created, PATIENCE_MILLISECONDS))) throw new Error("versitygw does not take a bucket.");
    const versioned = { Bucket: "models", VersioningConfiguration: { Status: "Enabled" } } as const;
    await models.client.send(new PutBucketVersioningCommand(versioned));
    return models;
  }

  async stop(): Promise<void> {
    this.client.destroy();
    for (const child of this.children) await end(child, "SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a step of the program `models`; returns its report. @throws Error with what it logged */
  async step(...args: readonly string[]): Promise<Record<string, unknown>> {
    const program = await bundle(join(ROOT, "pipelines/components/models/main.ts"), cacheDirectory());
    const child = this.run(process.execPath, [program, ...args, "--models", "s3://models"], this.environment);
    let [output, log] = ["", ""];
    child.stdout?.on("data", (text: Buffer) => (output += text.toString()));
    child.stderr?.on("data", (text: Buffer) => (log += text.toString()));
    const [status] = (await once(child, "close")) as [number];
    if (status !== 0) throw new Error(log);
    return JSON.parse(output) as Record<string, unknown>;
  }

  /** Publishes a model through the program; returns its version. */
  async publish(recommender: string, model: Buffer, scores: object = { none: true }): Promise<string> {
    const files = this.files({
      model,
      scores: JSON.stringify(scores),
      metrics: '{"recall10":0.07}',
      training: '{"steps":[{"task":"train"}],"timings":{"columns":[],"rows":[]}}',
    });
    return String((await this.step("publish", "--recommender", recommender, ...files))["version"]);
  }

  /** The verdict on values of a new model. */
  gate(recommender: string, scores: object): Promise<Record<string, unknown>> {
    return this.step("gate", "--recommender", recommender, ...this.files({ scores: JSON.stringify(scores) }));
  }

  /** Writes files of its own for a step; returns the flags that name them. */
  private files(contents: Readonly<Record<string, Buffer | string>>): string[] {
    const folder = mkdtempSync(join(this.folder, "step-"));
    return Object.entries(contents).flatMap(([name, content]) => {
      writeFileSync(join(folder, name), content);
      return [`--${name}`, join(folder, name)];
    });
  }

  /** Starts the serving of a recommender; resolves once it lives. */
  async serve(recommender: string, pin?: string): Promise<Serving> {
    const [port = 0] = await freePorts(1);
    const program = await bundle(join(ROOT, "services/serving/main.ts"), cacheDirectory());
    const child = this.run(process.execPath, ["--max-old-space-size=128", program], {
      ...this.environment,
      HOST: "127.0.0.1",
      PORT: String(port),
      RECOMMENDER: recommender,
      MODELS: "s3://models",
      MODEL_POLL_SECONDS: "0.2",
      ...(pin && { MODEL_VERSION: pin }),
    });
    child.stdout?.resume();
    child.stderr?.resume();
    const serving = new Serving(`http://127.0.0.1:${port}`, recommender, child);
    if (
      !(await waitUntil(
        () => serving.status("/v2/health/live").then((status) => status === 200),
        PATIENCE_MILLISECONDS,
      ))
    )
      throw new Error("The serving does not live.");
    return serving;
  }

  private get environment() {
    return {
      AWS_ENDPOINT_URL_S3: this.endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
    };
  }

  private run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): ChildProcess {
    const child = spawn(program, args, { env: { PATH: process.env["PATH"] ?? "", ...env } });
    this.children.add(child);
    return child;
  }
}

/** A running serving. */
export class Serving {
  constructor(
    readonly url: string,
    private readonly recommender: string,
    private readonly process: ChildProcess,
  ) {}

  async status(path: string): Promise<number> {
    return fetch(`${this.url}${path}`).then(
      async (answer) => {
        await answer.arrayBuffer();
        return answer.status;
      },
      () => 0,
    );
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }

  /** Waits until this version is served. */
  async until(version: string): Promise<void> {
    const served = async () =>
      (await this.get<{ versions?: string[] }>(`/v2/models/${this.recommender}`)).versions?.[0] === version;
    if (!(await waitUntil(served, PATIENCE_MILLISECONDS)))
      throw new Error(`Version ${version} is not served: ${JSON.stringify(await this.get("/v2/health/ready"))}`);
  }

  async untilProblem(reason: RegExp): Promise<void> {
    const told = async () => reason.test((await this.get<{ problem?: string }>("/v2/health/ready")).problem ?? "");
    if (!(await waitUntil(told, PATIENCE_MILLISECONDS)))
      throw new Error(`It does not say ${String(reason)}: ${JSON.stringify(await this.get("/v2/health/ready"))}`);
  }

  /** Most memory it had, in bytes. */
  peakMemory(): number {
    const status = readFileSync(`/proc/${this.process.pid}/status`, "utf8");
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
  }

  async stop(): Promise<void> {
    await end(this.process, "SIGTERM");
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill(signal);
  await once(child, "exit");
}
