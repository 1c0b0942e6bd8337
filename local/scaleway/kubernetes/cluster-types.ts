/** A kind of control plane: mutualized and free, or dedicated. */
export interface ClusterType {
  readonly name: string;
  readonly maxNodes: number;
  /** Bytes. */
  readonly memory: number;
  readonly maxEtcdSize: number;
  readonly dedicated: boolean;
}

const GB = 1_000_000_000;
const MB = 1_000_000;

const TYPES: readonly ClusterType[] = [
  { name: "kapsule", maxNodes: 150, memory: 4 * GB, maxEtcdSize: 55 * MB, dedicated: false },
  { name: "kapsule-dedicated-4", maxNodes: 250, memory: 4 * GB, maxEtcdSize: 200 * MB, dedicated: true },
  { name: "kapsule-dedicated-8", maxNodes: 500, memory: 8 * GB, maxEtcdSize: 200 * MB, dedicated: true },
  { name: "kapsule-dedicated-16", maxNodes: 500, memory: 16 * GB, maxEtcdSize: 200 * MB, dedicated: true },
];

export const clusterType = (name: string): ClusterType | undefined => TYPES.find((type) => type.name === name);

export const CLUSTER_TYPE_NAMES = TYPES.map(({ name }) => name);

/** As `available-types` lists them. */
export const clusterTypeViews = () =>
  TYPES.map(({ name, maxNodes, memory, maxEtcdSize, dedicated }) => ({
    name,
    availability: "available",
    max_nodes: maxNodes,
    commitment_delay: dedicated ? "2592000s" : "0s",
    sla: dedicated ? 99.5 : 0,
    resiliency: dedicated ? "high_availability" : "standard",
    memory,
    dedicated,
    audit_logs_supported: dedicated,
    max_etcd_size: maxEtcdSize,
    region: "",
  }));
