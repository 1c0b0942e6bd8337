import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureInstance, type Instance } from "../../../../local/instance";
import { Kapsule } from "../../../../local/kapsule/kapsule";
import { processesInCgroup } from "../../../../local/kapsule/cgroups";
import { cgroupName, clusterPaths, nodePaths } from "../../../../local/kapsule/paths";
import type { ClusterSpec, NodeSpec } from "../../../../local/kapsule/runtime";
import { waitFor } from "../../../../local/kapsule/waiting";
import { signal, supervisingProcesses } from "../../../../local/supervisor/s6";
import { Supervisor } from "../../../../local/supervisor/supervisor";
import { installedTools } from "../../../../local/toolchain/ensure-tools";
import type { Tools } from "../../../../local/toolchain/tools";
import { importImage } from "./busybox";
import { processesNaming } from "./traces";

/** An instance of its own with the real supervisor, and a Kapsule on it. */
export class Machine {
  /** Gateway addresses of the networks that are up, as the edge was told. */
  readonly networks = new Set<string>();
  readonly messages: string[] = [];

  private constructor(
    readonly instance: Instance,
    readonly tools: Tools,
    readonly services: Supervisor,
    readonly kapsule: Kapsule,
  ) {}

  static async create(): Promise<Machine> {
    const instance = await ensureInstance(mkdtempSync(join(tmpdir(), "kapsule-")));
    const tools = installedTools();
    const services = new Supervisor(instance);
    await services.ensureRunning();
    const kapsule = new Kapsule({
      instance,
      tools,
      services,
      onNetworkUp: (address) => Promise.resolve(void machine.networks.add(address)),
      onNetworkDown: (address) => Promise.resolve(void machine.networks.delete(address)),
      log: (message) => machine.messages.push(message),
    });
    const machine = new Machine(instance, tools, services, kapsule);
    return machine;
  }

  /** A node that can also run busybox without a registry. */
  async startNode(cluster: ClusterSpec, node: NodeSpec): Promise<string> {
    const { privateIp } = await this.kapsule.startNode(cluster, node);
    await importImage(
      this.tools.ctr,
      nodePaths(this.instance, cluster.id, node.id).containerdSocket,
      this.instance.stateDir,
    );
    return privateIp;
  }

  /** Runs kubectl as the cluster's administrator and gives back what it printed. */
  kubectl(cluster: ClusterSpec, args: readonly string[], input = ""): Promise<string> {
    const kubeconfig = clusterPaths(this.instance, cluster.id).kubeconfig;
    return new Promise((resolve, reject) => {
      const child = execFile(this.tools.kubectl, ["--kubeconfig", kubeconfig, ...args], (error, stdout, stderr) =>
        error ? reject(new Error(`kubectl ${args.join(" ")}: ${stderr || error.message}`)) : resolve(stdout.trim()),
      );
      child.stdin?.end(input);
    });
  }

  apply(cluster: ClusterSpec, ...objects: readonly object[]): Promise<string> {
    return this.kubectl(cluster, ["apply", "-f", "-"], objects.map((object) => JSON.stringify(object)).join("\n---\n"));
  }

  async pidOf(service: string): Promise<number | undefined> {
    return (await this.services.status()).find(({ name }) => name === service)?.pid;
  }

  /** Kills supervisor, services, shims and containers without telling any of them, as a crash of the machine would. */
  async loseEverything(): Promise<void> {
    const { runDir, stateDir } = this.instance;
    const ours = (): number[] => [
      ...supervisingProcesses(runDir),
      ...processesNaming(runDir).map((line) => parseInt(line, 10)),
      ...processesNaming(stateDir).map((line) => parseInt(line, 10)),
      ...readdirSync(join(stateDir, "kapsule"))
        .flatMap((id) => readdirSync(join(stateDir, "kapsule", id, "nodes")))
        .flatMap((id) => processesInCgroup(cgroupName(id))),
    ];
    await waitFor(
      () => {
        const left = ours();
        for (const pid of left) signal(pid, "SIGKILL");
        return Promise.resolve(left.length === 0 || undefined);
      },
      { subject: "The end of all processes did not come", timeoutMs: 30_000, intervalMs: 10, remedy: "" },
    );
  }

  async dispose(): Promise<void> {
    await this.services.stopAll();
    rmSync(this.instance.stateDir, { recursive: true, force: true });
    rmSync(this.instance.runDir, { recursive: true, force: true });
  }
}
