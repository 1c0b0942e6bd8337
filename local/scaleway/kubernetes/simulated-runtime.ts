import type {
  ClusterAccess,
  ClusterSpec,
  KapsuleRuntime,
  NodeAccess,
  NodeCapacity,
  NodeConditions,
  NodeSpec,
  NodeType,
} from "../../kapsule/runtime";
import { formatAddress, parseCidr } from "../vpc/subnets";

/** A machine that only claims to run clusters: for tests of the API, where no kubelet is wanted. */
export class SimulatedRuntime implements KapsuleRuntime {
  /** By cluster id. */
  readonly clusters = new Map<string, ClusterSpec>();
  /** By node id. */
  readonly nodes = new Map<string, { cluster: ClusterSpec; node: NodeSpec }>();
  /** Decides whether the next step fails or waits: rejects, or resolves when the step may go on. */
  gate: (step: SimulatedStep) => Promise<void> = () => Promise.resolve();
  private addresses = 0;

  async startCluster(spec: ClusterSpec): Promise<ClusterAccess> {
    await this.gate({ name: "startCluster", id: spec.id });
    this.clusters.set(spec.id, spec);
    return {
      host: `https://${address(spec.privateSubnet, 2)}:6443`,
      caCertificate: "simulated certificate authority\n",
    };
  }

  async stopCluster(clusterId: string): Promise<void> {
    await this.gate({ name: "stopCluster", id: clusterId });
    this.clusters.delete(clusterId);
    for (const [id, { cluster }] of this.nodes) if (cluster.id === clusterId) this.nodes.delete(id);
  }

  async startNode(cluster: ClusterSpec, node: NodeSpec): Promise<NodeAccess> {
    await this.gate({ name: "startNode", id: node.id, node });
    this.nodes.set(node.id, { cluster, node });
    return { privateIp: address(cluster.privateSubnet, 10 + (this.addresses++ % 200)) };
  }

  async updateNode(cluster: ClusterSpec, node: NodeSpec): Promise<void> {
    await this.gate({ name: "updateNode", id: node.id, node });
    this.nodes.set(node.id, { cluster, node });
  }

  async stopNode(_cluster: ClusterSpec, node: NodeSpec): Promise<void> {
    await this.gate({ name: "stopNode", id: node.id, node });
    this.nodes.delete(node.id);
  }

  nodeConditions(clusterId: string): Promise<ReadonlyMap<string, NodeConditions>> {
    const own = [...this.nodes.values()].filter(({ cluster }) => cluster.id === clusterId);
    return Promise.resolve(
      new Map(
        own.map(({ node }) => [
          node.name,
          { DiskPressure: "False", MemoryPressure: "False", PIDPressure: "False", Ready: "True" } as const,
        ]),
      ),
    );
  }

  nodeCapacity(nodeType: NodeType): NodeCapacity {
    return {
      cpu: nodeType.cpus,
      memory: nodeType.memoryBytes,
      "ephemeral-storage": 20_000_000_000,
      pods: 110,
      "nvidia.com/gpu": nodeType.gpus,
    };
  }
}

export interface SimulatedStep {
  readonly name: "startCluster" | "stopCluster" | "startNode" | "updateNode" | "stopNode";
  readonly id: string;
  readonly node?: NodeSpec;
}

function address(subnet: string, offset: number): string {
  const block = parseCidr(subnet);
  if (!block) throw new Error(`"${subnet}" is not an IPv4 block.`);
  return formatAddress(block.first + offset);
}
