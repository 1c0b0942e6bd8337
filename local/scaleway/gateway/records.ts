import type { Timestamps } from "../platform";

export interface GatewayIp extends Timestamps {
  readonly id: string;
  readonly address: string;
  readonly reverse: string | null;
  readonly tags: string[];
  readonly gateway_id: string | null;
  readonly zone: string;
  readonly organization_id: string;
  readonly project_id: string;
}

export interface Gateway extends Timestamps {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly status: "allocating" | "running";
  readonly tags: string[];
  readonly ip_id: string;
  readonly bastion_enabled: boolean;
  readonly bastion_port: number;
  readonly bastion_allowed_ips: string[];
  readonly smtp_enabled: boolean;
  readonly zone: string;
  readonly organization_id: string;
  readonly project_id: string;
}

export interface GatewayNetwork extends Timestamps {
  readonly id: string;
  readonly gateway_id: string;
  readonly private_network_id: string;
  readonly mac_address: string;
  readonly masquerade_enabled: boolean;
  readonly push_default_route: boolean;
  readonly ipam_ip_id: string;
  readonly status: "ready";
  readonly zone: string;
  readonly project_id: string;
}
