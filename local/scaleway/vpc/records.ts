import { randomUUID } from "node:crypto";
import { type Platform, type Timestamps, newborn } from "../platform";
import { freeSubnet } from "./subnets";

export interface Vpc extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly tags: string[];
  readonly organization_id: string;
  readonly project_id: string;
  readonly region: string;
  readonly is_default: boolean;
  readonly routing_enabled: boolean;
  readonly custom_routes_propagation_enabled: boolean;
  readonly transitivity_enabled: boolean;
}

export interface Subnet extends Timestamps {
  readonly id: string;
  /** CIDR. */
  readonly subnet: string;
  readonly project_id: string;
  readonly private_network_id: string;
  readonly vpc_id: string;
  readonly region: string;
}

export interface PrivateNetwork extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly tags: string[];
  readonly organization_id: string;
  readonly project_id: string;
  readonly region: string;
  readonly vpc_id: string;
  /** One IPv4 subnet, then one IPv6 subnet. */
  readonly subnets: Subnet[];
  readonly default_route_propagation_enabled: boolean;
}

export const vpcs = ({ store }: Platform) => store.collection<Vpc>("vpc-vpcs");
export const privateNetworks = ({ store }: Platform) => store.collection<PrivateNetwork>("vpc-private-networks");

/** The default VPC of a project in a region; made at first need, as every project has one. */
export function defaultVpc(platform: Platform, projectId: string, region: string): Vpc {
  const existing = vpcs(platform)
    .all()
    .find((vpc) => vpc.is_default && vpc.project_id === projectId && vpc.region === region);
  return (
    existing ??
    vpcs(platform).put({
      ...newborn(),
      name: "default",
      tags: ["default"],
      organization_id: platform.instance.account.organizationId,
      project_id: projectId,
      region,
      is_default: true,
      routing_enabled: true,
      custom_routes_propagation_enabled: false,
      transitivity_enabled: false,
    })
  );
}

export interface PrivateNetworkRequest {
  readonly name: string;
  readonly projectId: string;
  readonly vpc: Vpc;
  readonly tags?: string[];
  /** IPv4 CIDR; a free /22 by default. */
  readonly subnet?: string;
  readonly defaultRoute?: boolean;
}

export function makePrivateNetwork(platform: Platform, request: PrivateNetworkRequest): PrivateNetwork {
  const base = newborn();
  const { vpc, projectId } = request;
  const taken = privateNetworks(platform)
    .all()
    .flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet));
  const ipv6 = `fd${base.id.slice(0, 2)}:${base.id.slice(2, 6)}:${base.id.slice(9, 13)}:${base.id.slice(14, 18)}::/64`;
  const { created_at, updated_at } = base;
  return privateNetworks(platform).put({
    ...base,
    name: request.name,
    tags: request.tags ?? [],
    organization_id: platform.instance.account.organizationId,
    project_id: projectId,
    region: vpc.region,
    vpc_id: vpc.id,
    default_route_propagation_enabled: request.defaultRoute ?? false,
    subnets: [request.subnet ?? freeSubnet(taken), ipv6].map((subnet) => ({
      id: randomUUID(),
      subnet,
      created_at,
      updated_at,
      project_id: projectId,
      private_network_id: base.id,
      vpc_id: vpc.id,
      region: vpc.region,
    })),
  });
}
