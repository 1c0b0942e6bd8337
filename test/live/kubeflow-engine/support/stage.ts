import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { PIPELINE_DEFINITIONS } from "../../../../infra/platform/kubeflow/definitions";
import { freePorts } from "../../../../local/instance";
import { clusterPaths } from "../../../../local/kapsule/paths";
import type { NodeSpec } from "../../../../local/kapsule/runtime";
import type { JsonObject, PipelinePackage } from "../../../../local/kubeflow/model";
import { kubernetesClient } from "../../../../local/kubernetes/client";
import type { HttpClient } from "../../../../local/kubernetes/http-client";
import { until } from "../../controllers/support/until";
import { Machine } from "../../kapsule/support/machine";
import { clusterSpec, nodeSpec } from "../../kapsule/support/specs";

export const NAMESPACE = "recommenders";
const CLAIM = "nfs";
const BUCKET = "artifacts";
const KEYS = { accessKeyId: "test", secretAccessKey: "test-secret" };

/** A task as the API shows it, as far as the tests read it. */
export interface ShownTask {
  readonly task_id: string;
  readonly name: string;
  readonly state: string;
  readonly cached?: boolean;
  readonly reason?: string;
  readonly error?: { readonly message: string };
  readonly output_parameters: JsonObject;
  readonly attempts: readonly {
    readonly job_name: string;
    readonly node_name?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly lost?: boolean;
  }[];
}

export interface ShownRun {
  readonly run_id: string;
  readonly state: string;
  readonly error?: { readonly message: string };
  readonly run_details?: { readonly task_details: readonly ShownTask[] };
}

/** The backend as a process, with a real cluster of one node and real object storage. */
export class Stage {
  readonly cluster = clusterSpec();
  node: NodeSpec = nodeSpec("cpu");
  readonly shared: string;
  private backend?: ChildProcess;
  private storage?: ChildProcess;
  private port = 0;

  private constructor(
    readonly machine: Machine,
    private readonly storagePort: number,
    /** Variables of the backend beside the usual ones. */
    private readonly variables: Readonly<Record<string, string>>,
    private readonly program: readonly string[],
  ) {
    this.shared = join(machine.instance.stateDir, "shared");
  }

  /** @param program the backend as Node starts it; its sources unless a bundle is given */
  static async create(
    variables: Readonly<Record<string, string>> = {},
    program: readonly string[] = ["--import", "tsx", "local/kubeflow/main.ts"],
  ): Promise<Stage> {
    const [storagePort = 0] = await freePorts(1);
    const stage = new Stage(await Machine.create(), storagePort, variables, program);
    try {
      await stage.start();
    } catch (error) {
      await stage.dispose();
      throw error;
    }
    return stage;
  }

  private async start(): Promise<void> {
    await this.machine.kapsule.startCluster(this.cluster);
    await this.machine.startNode(this.cluster, this.node);
    await this.startStorage();
    // The claim is a directory of this machine, which its nodes see under the same path.
    mkdirSync(this.shared);
    chmodSync(this.shared, 0o777);
    for (const definition of PIPELINE_DEFINITIONS)
      await this.client.json("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    const labels = { "pod-security.kubernetes.io/enforce": "restricted" };
    await this.machine.apply(this.cluster, {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: NAMESPACE, labels },
    });
    await this.machine.apply(this.cluster, ...volume(this.shared));
    await until("the account of pods is there", () =>
      this.client.json("GET", `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`),
    );
    await this.startBackend();
  }

  get client(): HttpClient {
    this.kubernetes ??= kubernetesClient(clusterPaths(this.machine.instance, this.cluster.id).kubeconfig);
    return this.kubernetes;
  }
  private kubernetes?: HttpClient;

  get s3(): S3Client {
    const endpoint = `http://127.0.0.1:${this.storagePort}`;
    return new S3Client({ endpoint, region: "local", credentials: KEYS, forcePathStyle: true, maxAttempts: 1 });
  }

  async startStorage(): Promise<void> {
    const directory = join(this.machine.instance.stateDir, "objects");
    mkdirSync(directory, { recursive: true });
    this.storage = spawn(
      this.machine.tools.versitygw,
      ["--port", `127.0.0.1:${this.storagePort}`, "--region", "local", "--quiet", "posix", directory],
      {
        env: { ...process.env, ROOT_ACCESS_KEY: KEYS.accessKeyId, ROOT_SECRET_KEY: KEYS.secretAccessKey },
        stdio: "ignore",
      },
    );
    const { s3 } = this;
    await until("the object storage has its bucket", async () => {
      await s3.send(new CreateBucketCommand({ Bucket: BUCKET })).catch((error: Error) => {
        if (error.name !== "BucketAlreadyOwnedByYou") throw error;
      });
      return true;
    });
    s3.destroy();
  }

  async stopStorage(): Promise<void> {
    await end(this.storage);
  }

  async startBackend(): Promise<void> {
    const { stateDir } = this.machine.instance;
    [this.port = 0] = await freePorts(1);
    const log = openSync(join(stateDir, "backend.log"), "a");
    this.backend = spawn(process.execPath, this.program, {
      stdio: ["ignore", log, log],
      env: {
        PATH: process.env["PATH"],
        NAMESPACE,
        KUBECONFIG: clusterPaths(this.machine.instance, this.cluster.id).kubeconfig,
        HOST: "127.0.0.1",
        PORT: String(this.port),
        STATE_DIRECTORY: join(stateDir, "backend"),
        SHARED_DIRECTORY: this.shared,
        SHARED_CLAIM: CLAIM,
        PIPELINE_ROOT: `s3://${BUCKET}/runs`,
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${this.storagePort}`,
        AWS_REGION: "local",
        AWS_ACCESS_KEY_ID: KEYS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: KEYS.secretAccessKey,
        ...this.variables,
      },
    });
    await until("the backend answers", () => this.get("/apis/v2beta1/healthz"));
  }

  get backendPid(): number {
    return this.backend?.pid ?? 0;
  }

  async killBackend(): Promise<void> {
    await end(this.backend);
  }

  get backendLog(): string {
    return readFileSync(join(this.machine.instance.stateDir, "backend.log"), "utf8");
  }

  async get<T>(path: string): Promise<T> {
    return this.ask<T>("GET", path);
  }

  async ask<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} answers ${response.status}: ${text}`);
    return (text.startsWith("{") ? JSON.parse(text) : text) as T;
  }

  /** @returns the id of the new run */
  async submit(content: PipelinePackage, parameters: JsonObject = {}): Promise<string> {
    const pipeline_spec = content.platformSpec
      ? { pipeline_spec: content.pipelineSpec, platform_spec: content.platformSpec }
      : content.pipelineSpec;
    const run = { display_name: "a run", pipeline_spec, runtime_config: { parameters } };
    return (await this.ask<ShownRun>("POST", "/apis/v2beta1/runs", run)).run_id;
  }

  async run(content: PipelinePackage, seconds?: number): Promise<ShownRun> {
    return this.finished(await this.submit(content), seconds);
  }

  show(id: string): Promise<ShownRun> {
    return this.get(`/apis/v2beta1/runs/${id}`);
  }

  finished(id: string, seconds = 120): Promise<ShownRun> {
    return this.when(id, `run ${id} has ended`, ({ state }) => ["SUCCEEDED", "FAILED"].includes(state), seconds);
  }

  when(id: string, what: string, reached: (run: ShownRun) => boolean, seconds = 60): Promise<ShownRun> {
    const reach = async () => {
      const run = await this.show(id);
      return reached(run) && run;
    };
    return until(what, reach, seconds);
  }

  task(run: ShownRun, name: string): ShownTask {
    const found = run.run_details?.task_details.find((task) => task.name === name);
    if (!found) throw new Error(`Run ${run.run_id} has no task "${name}".`);
    return found;
  }

  log(run: ShownRun, name: string): Promise<string> {
    return this.get(`/apis/v2beta1/runs/${run.run_id}/tasks/${this.task(run, name).task_id}/log`);
  }

  async objects(prefix: string): Promise<string[]> {
    const { s3 } = this;
    const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }));
    s3.destroy();
    return Contents.flatMap(({ Key }) => Key ?? []);
  }

  async object(key: string): Promise<string> {
    const { s3 } = this;
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: BUCKET, Key: key }));
    const text = (await Body?.transformToString()) ?? "";
    s3.destroy();
    return text;
  }

  kubectl(...args: string[]): Promise<string> {
    return this.machine.kubectl(this.cluster, ["--namespace", NAMESPACE, ...args]);
  }

  async dispose(): Promise<void> {
    await this.killBackend();
    await this.stopStorage();
    this.kubernetes?.close();
    await this.machine.kapsule.stopCluster(this.cluster.id);
    await this.machine.dispose();
  }
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

function volume(path: string): object[] {
  const common = { accessModes: ["ReadWriteMany"], storageClassName: "" };
  return [
    {
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name: "shared" },
      spec: { ...common, capacity: { storage: "1Gi" }, hostPath: { path } },
    },
    {
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      metadata: { name: CLAIM, namespace: NAMESPACE },
      spec: { ...common, volumeName: "shared", resources: { requests: { storage: "1Gi" } } },
    },
  ];
}
