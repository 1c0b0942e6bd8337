import type { AutoscalerSettings, ClusterAccess, Taint } from "../../kapsule/runtime";
import type { Platform, Timestamps } from "../platform";

export type ClusterStatus = "creating" | "ready" | "pool_required" | "updating" | "deleting";
export type PoolStatus = "ready" | "scaling" | "upgrading" | "warning" | "deleting";
export type NodeStatus = "creating" | "starting" | "registering" | "ready" | "deleting" | "creation_error";

export interface AutoscalerConfig extends AutoscalerSettings {
  readonly log_level: number;
}

export interface AutoUpgrade {
  readonly enabled: boolean;
  readonly maintenance_window: { readonly start_hour: number; readonly day: string };
}

export interface OpenIdConnectConfig {
  readonly issuer_url: string;
  readonly client_id: string;
  readonly username_claim: string;
  readonly username_prefix: string;
  readonly groups_claim: string[];
  readonly groups_prefix: string;
  readonly required_claim: string[];
}

export interface AclRule {
  readonly id: string;
  readonly ip?: string;
  readonly scaleway_ranges?: boolean;
  readonly description: string;
}

export interface Cluster extends Timestamps {
  readonly id: string;
  readonly region: string;
  readonly organization_id: string;
  readonly project_id: string;
  readonly type: string;
  readonly name: string;
  readonly description: string;
  readonly status: ClusterStatus;
  readonly version: string;
  readonly cni: string;
  readonly tags: string[];
  readonly autoscaler_config: AutoscalerConfig;
  readonly auto_upgrade: AutoUpgrade;
  readonly open_id_connect_config: OpenIdConnectConfig;
  readonly feature_gates: string[];
  readonly admission_plugins: string[];
  readonly apiserver_cert_sans: string[];
  readonly private_network_id: string;
  readonly pod_cidr: string;
  readonly service_cidr: string;
  readonly service_dns_ip: string;
  readonly acl: AclRule[];
  /** Bearer token of the kubeconfig. */
  readonly admin_token: string;
  /** Where the API server answers; undefined until it did for the first time. */
  readonly access?: ClusterAccess;
  /** Why it did not start when that was last tried. */
  readonly trouble?: string;
  /** Asked for with the deletion: volumes, load balancers and an empty private network go too. */
  readonly with_additional_resources?: boolean;
  /** Held in its transient state by an injected fault. */
  readonly stuck?: boolean;
}

export interface Pool extends Timestamps {
  readonly id: string;
  readonly cluster_id: string;
  readonly region: string;
  readonly project_id: string;
  readonly zone: string;
  readonly name: string;
  readonly status: PoolStatus;
  readonly version: string;
  /** As in the price list, such as "L4-1-24G". */
  readonly node_type: string;
  readonly autoscaling: boolean;
  readonly size: number;
  readonly min_size: number;
  readonly max_size: number;
  readonly container_runtime: string;
  readonly autohealing: boolean;
  readonly tags: string[];
  readonly placement_group_id: string | null;
  readonly kubelet_args: Record<string, string>;
  readonly upgrade_policy: { readonly max_unavailable: number; readonly max_surge: number };
  readonly root_volume_type: string;
  /** Bytes. */
  readonly root_volume_size: number;
  readonly public_ip_disabled: boolean;
  readonly security_group_id: string;
  readonly labels: Record<string, string>;
  readonly taints: Taint[];
  readonly startup_taints: Taint[];
  readonly error_message: string | null;
  readonly stuck?: boolean;
}

export interface Node extends Timestamps {
  readonly id: string;
  readonly cluster_id: string;
  readonly pool_id: string;
  readonly project_id: string;
  readonly region: string;
  readonly name: string;
  readonly status: NodeStatus;
  readonly provider_id: string;
  readonly error_message: string;
  /** Known once the node is ready. */
  readonly private_ip?: string;
  /** Labels and taints the node was last given, to see whether it must be told of new ones. */
  readonly applied?: string;
}

export const clusters = ({ store }: Platform) => store.collection<Cluster>("k8s-clusters");
export const pools = ({ store }: Platform) => store.collection<Pool>("k8s-pools");
export const nodes = ({ store }: Platform) => store.collection<Node>("k8s-nodes");

export const poolsOf = (platform: Platform, clusterId: string): Pool[] =>
  pools(platform).filter(({ cluster_id }) => cluster_id === clusterId);

export const nodesOfPool = (platform: Platform, poolId: string): Node[] =>
  nodes(platform).filter(({ pool_id }) => pool_id === poolId);
