import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { openSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ApiPool } from "../../../../local/kapsule/controllers/autoscaler/scaleway-pools";
import type { ControllersConfiguration } from "../../../../local/kapsule/controllers/configuration";
import type { AutoscalerSettings } from "../../../../local/kapsule/runtime";
import type { HttpClient } from "../../../../local/kubernetes/http-client";
import { installedTools } from "../../../../local/toolchain/ensure-tools";
import { startControlPlane, type BareControlPlane } from "./bare-control-plane";
import { FakeScaleway } from "./fake-scaleway";

const AUTOSCALER: AutoscalerSettings = {
  scale_down_disabled: false,
  scale_down_delay_after_add: "1s",
  scale_down_unneeded_time: "1s",
  expander: "price",
  estimator: "binpacking",
  ignore_daemonsets_utilization: true,
  balance_similar_node_groups: false,
  expendable_pods_priority_cutoff: -10,
  scale_down_utilization_threshold: 0.5,
  max_graceful_termination_sec: 5,
  skip_nodes_with_local_storage: false,
};

/** A control plane, a fake Scaleway and the controllers as a process of their own, as the local stack runs them. */
export class TestCluster {
  readonly token = randomUUID();
  private process: ChildProcess | undefined;
  private readonly file: string;

  private constructor(
    readonly plane: BareControlPlane,
    readonly scaleway: FakeScaleway,
    private configuration: ControllersConfiguration,
  ) {
    this.file = join(plane.directory, "controllers.json");
    this.write();
  }

  static async start(pools: readonly ApiPool[], autoscaler: Partial<AutoscalerSettings> = {}): Promise<TestCluster> {
    const plane = await startControlPlane(installedTools());
    const clusterId = randomUUID();
    const scaleway = new FakeScaleway(plane.client, clusterId, pools);
    const apiUrl = await scaleway.listen();
    const token = randomUUID();
    return new TestCluster(plane, scaleway, {
      clusterId,
      projectId: randomUUID(),
      region: "fr-par",
      zone: "fr-par-1",
      kubeconfig: plane.kubeconfig,
      apiUrl,
      serviceToken: token,
      autoscaler: { ...AUTOSCALER, ...autoscaler },
      loopbackPrefix: "127.91.",
      volumeDirectory: join(plane.directory, "volumes"),
    });
  }

  get client(): HttpClient {
    return this.plane.client;
  }

  get settings(): ControllersConfiguration {
    return this.configuration;
  }

  /** What the controllers have printed. */
  get log(): string {
    return readFileSync(join(this.plane.directory, "controllers.log"), "utf8");
  }

  get pid(): number | undefined {
    return this.process?.pid;
  }

  startControllers(): void {
    const log = openSync(join(this.plane.directory, "controllers.log"), "a");
    const main = join(__dirname, "../../../../local/kapsule/controllers/main.ts");
    this.process = spawn(process.execPath, ["--import", "tsx", main, this.file], { stdio: ["ignore", log, log] });
  }

  /** As `kill -9` would end it: nothing is told, nothing is cleaned up. */
  async killControllers(): Promise<void> {
    const child = this.process;
    this.process = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    await new Promise<void>((done) => {
      child.once("exit", () => done());
      child.kill("SIGKILL");
    });
  }

  /** Changes the autoscaler block under the running process. */
  reconfigure(autoscaler: Partial<AutoscalerSettings>): void {
    this.configuration = { ...this.configuration, autoscaler: { ...this.configuration.autoscaler, ...autoscaler } };
    this.write();
  }

  async stop(): Promise<void> {
    await this.killControllers();
    this.scaleway.close();
    await this.plane.stop();
  }

  private write(): void {
    writeFileSync(`${this.file}.new`, JSON.stringify(this.configuration), { mode: 0o600 });
    renameSync(`${this.file}.new`, this.file);
  }
}
