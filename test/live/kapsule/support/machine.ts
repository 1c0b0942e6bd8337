import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureInstance, type Instance } from "../../../../local/instance";
import { Kapsule } from "../../../../local/kapsule/kapsule";
import { ociArchive } from "../../../../local/kapsule/oci-archive";
import type { ClusterSpec, NodeSpec, NodeType } from "../../../../local/kapsule/runtime";
import type { Tools } from "../../../../local/toolchain/tools";
import { ChildServices } from "./child-services";

/** A machine with a Kapsule on it, for one test file. */
export interface Machine {
  readonly instance: Instance;
  readonly tools: Tools;
  readonly services: ChildServices;
  readonly kapsule: Kapsule;
  /** Addresses of the networks that are up. */
  readonly networks: Set<string>;
}

export async function machine(tools: Tools): Promise<Machine> {
  const stateDir = process.env["KAPSULE_TEST_STATE"] ?? mkdtempSync(join(tmpdir(), "kapsule-"));
  const instance = await ensureInstance(stateDir);
  const services = new ChildServices(join(stateDir, "logs"));
  const networks = new Set<string>();
  const kapsule = new Kapsule({
    instance,
    tools,
    services,
    onNetworkUp: (address) => Promise.resolve(void networks.add(address)),
    onNetworkDown: (address) => Promise.resolve(void networks.delete(address)),
    log: (message) => console.log(`      ${message}`),
  });
  return { instance, tools, services, kapsule, networks };
}

export function clusterSpec(overrides: Partial<ClusterSpec> = {}): ClusterSpec {
  return {
    id: randomUUID(),
    name: "test",
    region: "fr-par",
    version: "1.36.4",
    podCidr: "100.64.0.0/15",
    serviceCidr: "10.32.0.0/20",
    serviceDnsIp: "10.32.0.10",
    privateSubnet: "172.16.0.0/22",
    adminToken: randomUUID(),
    apiserverCertSans: [],
    featureGates: [],
    admissionPlugins: [],
    autoscaler: {
      scale_down_disabled: false,
      scale_down_delay_after_add: "10s",
      scale_down_unneeded_time: "10s",
      expander: "random",
      estimator: "binpacking",
      ignore_daemonsets_utilization: false,
      balance_similar_node_groups: false,
      expendable_pods_priority_cutoff: -10,
      scale_down_utilization_threshold: 0.5,
      max_graceful_termination_sec: 30,
    },
    ...overrides,
  };
}

const CPU: NodeType = { name: "PRO2-XXS", cpus: 2, memoryBytes: 8e9, gpus: 0 };
const GPU: NodeType = { name: "L4-1-24G", cpus: 8, memoryBytes: 48e9, gpus: 1 };

export function nodeSpec(pool: "cpu" | "gpu"): NodeSpec {
  const id = randomUUID();
  return {
    id,
    name: `scw-test-${pool}-${id.slice(0, 8)}`,
    poolId: randomUUID(),
    poolName: pool,
    zone: "fr-par-1",
    nodeType: pool === "gpu" ? GPU : CPU,
    providerId: `scaleway://instance/fr-par-1/${id}`,
    labels: { "test/pool": pool },
    taints: pool === "gpu" ? [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }] : [],
    kubeletArgs: {},
  };
}

/** A static busybox as an image, out of Debian's package. */
export function busyboxArchive(cacheDir: string): Buffer {
  const unpacked = join(cacheDir, "busybox");
  const program = join(unpacked, "bin", "busybox");
  if (!existsSync(program)) {
    mkdirSync(unpacked, { recursive: true });
    execFileSync("apt-get", ["download", "-q", "busybox-static"], { cwd: unpacked, stdio: "ignore" });
    const [archive] = readdirSync(unpacked).filter((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error("apt-get brought no busybox-static package.");
    execFileSync("dpkg", ["-x", join(unpacked, archive), unpacked]);
  }
  return ociArchive({
    name: BUSYBOX_IMAGE,
    files: [{ path: "bin/busybox", content: readFileSync(program), mode: 0o755 }],
    entrypoint: ["/bin/busybox"],
    env: ["PATH=/bin"],
  });
}

export const BUSYBOX_IMAGE = "kapsule.internal/busybox:1";
