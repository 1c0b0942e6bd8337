import type { Store, Stored } from "../server/store";

/** Every collection whose objects a user pays for or would find left over, with the name the API has for them. */
const KINDS = {
  "k8s-clusters": "cluster",
  "k8s-pools": "pool",
  "k8s-nodes": "node",
  "vpc-vpcs": "vpc",
  "vpc-private-networks": "private_network",
  "gateway-ips": "gateway_ip",
  "gateway-gateways": "gateway",
  "gateway-networks": "gateway_network",
  "registry-namespaces": "namespace",
  "iam-applications": "application",
  "iam-policies": "policy",
  "iam-api-keys": "api_key",
  "iam-groups": "group",
  secrets: "secret",
  "secret-versions": "secret_version",
  "block-volumes": "volume",
  "account-projects": "project",
  "cockpit-tokens": "token",
  "cockpit-data-sources": "data_source",
  "lb-ips": "lb_ip",
  "lb-lbs": "lb",
  "object-storage-buckets": "bucket",
} as const;

export interface Resource {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly project_id: string;
  readonly tags: readonly string[];
}

type Described = Stored & {
  name?: string;
  project_id?: string;
  tags?: unknown;
  is_default?: boolean;
  deletion_requested_at?: string | null;
};

/**
 * Everything in the account. What Scaleway keeps by itself is left out: the default project, default VPCs, and secrets
 * that were deleted, which it shows for some days more.
 */
export function resourcesOf(store: Store): Resource[] {
  return Object.entries(KINDS).flatMap(([collection, kind]) =>
    store
      .collection<Described>(collection)
      .filter((record) => record.is_default !== true && (record.deletion_requested_at ?? null) === null)
      .map((record) => ({
        kind,
        id: record.id,
        name: record.name ?? record.id,
        project_id: record.project_id ?? "",
        tags: Array.isArray(record.tags) ? (record.tags as string[]) : [],
      })),
  );
}

export const projectIsEmpty = (store: Store, projectId: string): boolean =>
  !resourcesOf(store).some(({ project_id }) => project_id === projectId);
