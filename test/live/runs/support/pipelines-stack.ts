import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PIPELINE_DEFINITIONS } from "../../../../infra/platform/kubeflow/definitions";
import { pulumiEnvironment } from "../../../../local/engine/environment";
import { ensureInstance, type Instance } from "../../../../local/instance";
import { installedTools } from "../../../../local/toolchain/ensure-tools";
import type { BareControlPlane } from "../../controllers/support/bare-control-plane";
import { until } from "../../controllers/support/until";
import { ProgramStack } from "../../plugins/support/stack";

/** An API server does not lead to loopback addresses; this one is nobody's (RFC 5737) and stays on the machine. */
const ADDRESS = "192.0.2.66";
export const NAMESPACE = "recommenders";

/** What the program of the test is told. */
export interface Wanted {
  readonly pipeline: { readonly name: string; readonly pipelineSpec: object; readonly digest: string };
  readonly parameters?: object;
  readonly rerun?: string;
  readonly timeoutMinutes: number;
  readonly schedule?: object;
  readonly retainedVersions?: number;
  readonly retainedRuns?: number;
}

const PROGRAM = `
  import { readFileSync } from "node:fs";
  import * as k8s from "@pulumi/kubernetes";
  import { RecommenderPipeline } from "./infra/recommender/recommender-pipeline";

  const read = (file: string) => readFileSync(file, "utf8");
  const kubeconfig = pulumi.secret(read("kubeconfig"));
  const kubernetes = new k8s.Provider("cluster", { kubeconfig, clusterIdentifier: "fr-par/1" });
  const connection = { kubeconfig, clusterId: "fr-par/1", namespace: "${NAMESPACE}", service: "ml-pipeline", port: 8888 };
  const books = new RecommenderPipeline("books", { ...JSON.parse(read("wanted.json")), connection }, { providers: { kubernetes } });
  export const { versionName, runId, outputs, metrics } = books;
`;

/** A stack with one pipeline, on a real API server whose Service ml-pipeline leads to a backend of the test. */
export class PipelinesStack {
  private constructor(
    private readonly directory: string,
    private readonly instance: Instance,
    private readonly plane: BareControlPlane,
    private readonly forwarder: Forwarder,
    readonly stack: ProgramStack,
  ) {}

  /**
   * @param plane where the kinds of pipelines and the namespace are known
   * @param port of the backend on 127.0.0.1
   */
  static async start(plane: BareControlPlane, port: number): Promise<PipelinesStack> {
    const directory = mkdtempSync(join(tmpdir(), "runs-"));
    execFileSync("ip", ["address", "replace", `${ADDRESS}/32`, "dev", "lo"]);
    const instance = await ensureInstance(join(directory, "state"));
    const stack = new PipelinesStack(directory, instance, plane, await Forwarder.to(port), new ProgramStack(instance));
    try {
      await stack.prepare();
    } catch (error) {
      stack.stop();
      throw error;
    }
    return stack;
  }

  stop(): void {
    this.forwarder.close();
    rmSync(this.directory, { recursive: true, force: true });
    rmSync(this.instance.runDir, { recursive: true, force: true });
    execFileSync("ip", ["address", "delete", `${ADDRESS}/32`, "dev", "lo"]);
  }

  /** Says what the next run of the program is to make. */
  want(wanted: Wanted): void {
    writeFileSync(join(this.stack.folder, "wanted.json"), JSON.stringify(wanted));
  }

  /** Gives the program another kubeconfig of the same cluster and user. */
  renewKubeconfig(): void {
    const config = JSON.parse(readFileSync(this.plane.kubeconfig, "utf8")) as { renewed?: number };
    this.writeKubeconfig(JSON.stringify({ ...config, renewed: Date.now() }));
  }

  /** The token that must not show. */
  token(): string {
    const { users } = JSON.parse(readFileSync(this.plane.kubeconfig, "utf8")) as {
      users: [{ user: { token: string } }];
    };
    return users[0].user.token;
  }

  /** An update by a CLI that the test can kill. */
  startUp(): ChildProcess {
    const tools = installedTools();
    const env = pulumiEnvironment(this.instance, tools);
    return spawn(tools.pulumi, ["up", "--yes", "--skip-preview"], { cwd: this.stack.folder, env, stdio: "ignore" });
  }

  /** Names of the versions that the cluster holds. */
  async versionNames(): Promise<string[]> {
    const path = `/apis/pipelines.kubeflow.org/v2beta1/namespaces/${NAMESPACE}/pipelineversions`;
    const { items } = await this.plane.client.json<{ items: { metadata: { name: string } }[] }>("GET", path);
    return items.map(({ metadata }) => metadata.name).sort();
  }

  private async prepare(): Promise<void> {
    const { client } = this.plane;
    const services = `/api/v1/namespaces/${NAMESPACE}`;
    const metadata = { name: "ml-pipeline" };
    await client.json("POST", `${services}/services`, { metadata, spec: { ports: [{ name: "http", port: 8888 }] } });
    // An API server leads to addresses of pods only: this one is ours.
    const containers = [{ name: "fake", image: "fake" }];
    await client.json("POST", `${services}/pods`, { metadata, spec: { containers } });
    const status = { podIP: ADDRESS, podIPs: [{ ip: ADDRESS }] };
    await client.json("PATCH", `${services}/pods/ml-pipeline/status`, { status }, "application/merge-patch+json");
    const targetRef = { kind: "Pod", namespace: NAMESPACE, name: "ml-pipeline" };
    await client.json("POST", `${services}/endpoints`, {
      metadata,
      subsets: [
        {
          addresses: [{ ip: ADDRESS, targetRef }],
          ports: [{ name: "http", port: this.forwarder.port }],
        },
      ],
    });
    await until("the Service leads to the backend", () =>
      client.json("GET", `${services}/services/http:ml-pipeline:8888/proxy/apis/v2beta1/experiments`),
    );
    symlinkSync(join(__dirname, "..", "..", "..", "..", "infra"), join(this.stack.folder, "infra"));
    this.writeKubeconfig(readFileSync(this.plane.kubeconfig, "utf8"));
    await this.stack.create();
    this.stack.program(PROGRAM);
  }

  private writeKubeconfig(text: string): void {
    writeFileSync(join(this.stack.folder, "kubeconfig"), text, { mode: 0o600 });
  }
}

/** Makes the kinds of pipelines and the namespace known. */
export async function preparePlane({ client }: BareControlPlane): Promise<void> {
  for (const definition of PIPELINE_DEFINITIONS)
    await client.json("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  await client.json("POST", "/api/v1/namespaces", { metadata: { name: NAMESPACE } });
}

/** Leads from the address of the test's pod to a port of 127.0.0.1. */
class Forwarder {
  private readonly sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Forwarder> {
    const server = createServer((socket) => {
      const backend = connect(port, "127.0.0.1");
      socket.pipe(backend).pipe(socket);
      socket.on("error", () => backend.destroy());
      backend.on("error", () => socket.destroy());
      forwarder.sockets.add(socket.on("close", () => forwarder.sockets.delete(socket)));
    });
    const forwarder = new Forwarder(server);
    await new Promise<void>((done, fail) => server.once("error", fail).listen(0, ADDRESS, done));
    return forwarder;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends its connections, too: once the address is gone they would not end for minutes, and the test not with them. */
  close(): void {
    this.server.close();
    for (const socket of this.sockets) socket.resetAndDestroy();
  }
}
