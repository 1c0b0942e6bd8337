import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../instance";
import type { Service, ServiceManager } from "../supervisor/service";
import type { Tools } from "../toolchain/tools";
import { CertificateAuthority } from "./certificates";
import { createCgroup } from "./cgroups";
import { run, serviceEnvironment, SYSTEM_PATH } from "./command";
import { bindMount } from "./mounts";
import { digest, writeFile } from "./files";
import { writeKubeconfig } from "./kubeconfig";
import { cniConflist, containerdToml, kubeletConfiguration, registryHostsToml } from "./node-configuration";
import { cgroupName, clusterPaths, nodePaths, nodeService, type NodePaths } from "./paths";
import { PAUSE_IMAGE, pauseArchive } from "./pause-image";
import type { ClusterSpec, NodeSpec } from "./runtime";
import { apiServerAddress } from "./subnets";
import { waitFor } from "./waiting";

/** The place of a node in its cluster's networks. */
export interface Placement {
  readonly address: string;
  readonly podCidr: string;
}

/** Starts what makes a node of this machine: containerd with its own everything, then a kubelet. */
export class NodeProcesses {
  private readonly paths: NodePaths;

  constructor(
    private readonly instance: Instance,
    private readonly tools: Tools,
    private readonly services: ServiceManager,
    private readonly spec: ClusterSpec,
    private readonly node: NodeSpec,
  ) {
    this.paths = nodePaths(instance, spec.id, node.id);
  }

  /** containerd answers and has the pause image. */
  async startContainerd(placement: Placement): Promise<void> {
    const { paths, node, spec } = this;
    for (const directory of [paths.directory, paths.run, paths.podLogs, paths.cniState, join(paths.run, "s")]) {
      mkdirSync(directory, { recursive: true, mode: 0o700 });
    }
    createCgroup(cgroupName(node.id));
    const registry = `rg.${spec.region}.scw.cloud`;
    writeFile(paths.containerdConfig, containerdToml(paths, this.tools));
    writeFile(join(paths.registryHosts, registry, "hosts.toml"), registryHostsToml(this.instance));
    // portmap cannot even clean up without iptables, so where that is missing there are no host ports.
    const portMapping = SYSTEM_PATH.split(":").some((directory) => existsSync(join(directory, "iptables")));
    writeFile(join(paths.cniConfig, "10-kapsule.conflist"), cniConflist(node, placement.podCidr, paths, portMapping));
    await this.services.declare(this.containerd());
    await this.importPauseImage();
  }

  /** The kubelet runs; that it is Ready is the API's to say. */
  async startKubelet(placement: Placement): Promise<void> {
    const { paths, node, spec } = this;
    const authority = await CertificateAuthority.open(
      clusterPaths(this.instance, spec.id).certificates,
      "kubernetes-ca",
    );
    const [client, server] = await Promise.all([
      authority.issue({
        name: `node-${node.id}-client`,
        commonName: `system:node:${node.name}`,
        organizations: ["system:nodes"],
        usage: ["client"],
      }),
      authority.issue({
        name: `node-${node.id}-server`,
        commonName: `system:node:${node.name}`,
        usage: ["server"],
        dnsNames: [node.name],
        addresses: [placement.address],
      }),
    ]);
    const host = `https://${apiServerAddress(spec.privateSubnet)}:6443`;
    writeKubeconfig(paths.kubeconfig, { name: spec.name, host, caCertificate: authority.certificate }, client);
    const certificates = { authority: authority.files.certificate, ...server };
    writeFile(paths.kubeletConfig, kubeletConfiguration(spec, node, placement.address, paths, certificates));
    // Pods that ask for the machine's resolver get the cluster's host, because 127.0.0.53 of a machine is not in a pod.
    writeFile(paths.resolvConf, `nameserver ${apiServerAddress(spec.privateSubnet)}\n`, 0o644);
    await bindMount(paths.kubeletFiles, paths.kubeletRoot);
    // Any file here tells the kubelet that it is no new machine: it keeps the node's GPUs over its restarts.
    writeFile(join(paths.kubeletRoot, "device-plugins", "kapsule"), "");
    await this.services.declare(this.kubelet(placement));
  }

  private containerd(): Service {
    return {
      name: nodeService(this.node.id, "containerd"),
      command: [this.tools.containerd, "--config", this.paths.containerdConfig],
      environment: serviceEnvironment(this.paths.directory, digest(this.paths.containerdConfig)),
      workingDirectory: this.paths.directory,
    };
  }

  private kubelet(placement: Placement): Service {
    const { paths, node } = this;
    const passed = Object.entries(node.kubeletArgs).map(([name, value]) => `--${name}=${value}`);
    return {
      name: nodeService(node.id, "kubelet"),
      command: [
        this.tools.kubelet,
        `--config=${paths.kubeletConfig}`,
        `--kubeconfig=${paths.kubeconfig}`,
        `--root-dir=${paths.kubeletRoot}`,
        `--cert-dir=${paths.kubeletRoot}/pki`,
        `--hostname-override=${node.name}`,
        `--node-ip=${placement.address}`,
        "--v=1",
        ...passed,
      ],
      environment: serviceEnvironment(paths.directory, digest(paths.kubeletConfig, paths.kubeconfig)),
      workingDirectory: paths.directory,
    };
  }

  private async importPauseImage(): Promise<void> {
    const archive = join(this.paths.directory, "pause.tar");
    writeFile(archive, pauseArchive());
    const ctr = (...args: string[]): Promise<string> =>
      run(this.tools.ctr, ["--address", this.paths.containerdSocket, "--namespace", "k8s.io", ...args]);
    await waitFor(async () => ((await ctr("version")) ? true : undefined), {
      subject: `containerd of node ${this.node.name} did not answer`,
      timeoutMs: 30_000,
      intervalMs: 50,
      remedy: `See ${this.services.logFile(nodeService(this.node.id, "containerd"))}.`,
    });
    const present = (await ctr("images", "list", "--quiet")).split("\n").includes(PAUSE_IMAGE);
    if (!present) await ctr("images", "import", "--local", archive);
  }
}

/** The last lines of a log, for a message about why something did not start. */
export function lastLines(file: string, count = 3): string {
  if (!existsSync(file)) return "";
  return readFileSync(file, "utf8").trimEnd().split("\n").slice(-count).join(" | ");
}
