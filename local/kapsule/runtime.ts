/**
 * What the Kubernetes product of the emulated API asks of the machine: clusters and nodes that really run.
 * Every operation is idempotent, so that an API process that was killed repeats it after its restart.
 */
export interface KapsuleRuntime {
  /**
   * Boots (or repairs) a control plane; resolves once its API server is ready and the managed objects are there
   * (admin binding, kube-dns Service, storage classes). Rejects with a sentence that names the part that failed.
   */
  startCluster(spec: ClusterSpec): Promise<ClusterAccess>;
  /** Stops every process of the cluster and removes its files, interfaces, mounts, cgroups and nft rules. */
  stopCluster(clusterId: string): Promise<void>;
  /** Starts (or repairs) a node; resolves once Kubernetes reports it Ready with its labels, taints and GPUs. */
  startNode(cluster: ClusterSpec, node: NodeSpec): Promise<NodeAccess>;
  /** Applies changed labels and taints to a running node. */
  updateNode(cluster: ClusterSpec, node: NodeSpec): Promise<void>;
  /** Cordons, drains within the grace time, then removes the node and everything it made. */
  stopNode(cluster: ClusterSpec, node: NodeSpec, graceSeconds: number): Promise<void>;
  /** Conditions by Kubernetes node name, as the nodes listing of the API shows them. */
  nodeConditions(clusterId: string): Promise<ReadonlyMap<string, NodeConditions>>;
  /** What one node of this machine offers; the emulated autoscaler template is built from it. */
  nodeCapacity(nodeType: NodeType): NodeCapacity;
}

export interface ClusterSpec {
  /** UUID of the cluster. */
  readonly id: string;
  readonly name: string;
  readonly region: string;
  /** `x.y.z` as stored by the API; the machine runs the Kubernetes it was built with. */
  readonly version: string;
  readonly podCidr: string;
  readonly serviceCidr: string;
  readonly serviceDnsIp: string;
  /** IPv4 subnet of the private network; nodes and the API server get addresses in it. */
  readonly privateSubnet: string;
  /** Bearer token of the admin kubeconfig. */
  readonly adminToken: string;
  /** Extra names of the API server's certificate. */
  readonly apiserverCertSans: readonly string[];
  readonly featureGates: readonly string[];
  readonly admissionPlugins: readonly string[];
  readonly autoscaler: AutoscalerSettings;
}

/** The autoscaler block of a cluster, in the API's spelling. */
export interface AutoscalerSettings {
  readonly scale_down_disabled: boolean;
  /** Duration such as "10m". */
  readonly scale_down_delay_after_add: string;
  readonly scale_down_unneeded_time: string;
  readonly expander: string;
  readonly estimator: string;
  readonly ignore_daemonsets_utilization: boolean;
  readonly balance_similar_node_groups: boolean;
  readonly expendable_pods_priority_cutoff: number;
  readonly scale_down_utilization_threshold: number;
  readonly max_graceful_termination_sec: number;
  /** Whether a pod with a volume of its node (emptyDir, hostPath) keeps that node. */
  readonly skip_nodes_with_local_storage: boolean;
}

export interface ClusterAccess {
  /** `https://<address>:<port>`, reachable from this machine only. */
  readonly host: string;
  /** PEM. */
  readonly caCertificate: string;
}

export interface NodeType {
  /** As in the price list, such as "L4-1-24G". */
  readonly name: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly gpus: number;
}

export interface Taint {
  readonly key: string;
  readonly value: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface NodeSpec {
  /** UUID of the node. */
  readonly id: string;
  /** Kubernetes node name, `scw-<cluster>-<pool>-<hex>`. */
  readonly name: string;
  readonly poolId: string;
  readonly poolName: string;
  readonly zone: string;
  readonly nodeType: NodeType;
  /** `scaleway://instance/<zone>/<uuid>`. */
  readonly providerId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly kubeletArgs: Readonly<Record<string, string>>;
}

export interface NodeAccess {
  /** Address in the private network. */
  readonly privateIp: string;
}

export type NodeConditions = Readonly<
  Record<"DiskPressure" | "MemoryPressure" | "PIDPressure" | "Ready", "True" | "False">
>;

/** Integers as in the autoscaler API: whole cores, bytes, pods, GPUs. */
export type NodeCapacity = Readonly<Record<"cpu" | "memory" | "ephemeral-storage" | "pods" | "nvidia.com/gpu", number>>;
