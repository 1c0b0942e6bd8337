import { snakeCase } from "./names";

/** Prefix of the provider's names, by Pulumi module. */
const PREFIXES: Readonly<Record<string, string>> = {
  applesilicon: "apple_silicon",
  containers: "container",
  databases: "rdb",
  edgeservices: "edge_services",
  elasticmetal: "baremetal",
  functions: "function",
  hosting: "webhosting",
  keymanager: "key_manager",
  kubernetes: "k8s",
  loadbalancers: "lb",
  network: "vpc",
  observability: "cockpit",
  s2svpn: "s2s_vpn",
  secrets: "secret",
};

/** What does not follow from its module: `module/type` in Pulumi, name in the provider. */
const EXCEPTIONS: Readonly<Record<string, string>> = {
  "containers/container": "container",
  "databases/serverlessDatabase": "sdb_sql_database",
  "datalab/datalab": "datalab",
  "datalab/datalabs": "datalabs",
  "account/availabilityZones": "availability_zones",
  "audittrail/event": "audit_trail_event",
  "elasticmetal/ip": "flexible_ip",
  "elasticmetal/ips": "flexible_ips",
  "elasticmetal/ipMacAddress": "flexible_ip_mac_address",
  "functions/function": "function",
  "hosting/hosting": "webhosting",
  "loadbalancers/loadBalancer": "lb",
  "loadbalancers/loadBalancers": "lbs",
  "network/vpc": "vpc",
  "network/vpcs": "vpcs",
  "object/item": "object",
  "observability/cockpit": "cockpit",
  "observability/instance": "cockpit",
  "secrets/secret": "secret",
};

/**
 * Name in the provider of a Pulumi resource or function.
 *
 * @param token such as `scaleway:kubernetes/cluster:Cluster` or `scaleway:kubernetes/getVersion:getVersion`
 * @returns such as `scaleway_k8s_cluster`; undefined for a token of another form
 */
export function providerName(token: string): string | undefined {
  const match = /^scaleway:([a-z0-9]+)\/([A-Za-z0-9]+):/.exec(token);
  if (!match) return undefined;
  const [, module = "", name = ""] = match;
  const type = name.replace(/^get([A-Z])/, (_, letter: string) => letter.toLowerCase());
  if (module === "index") return `scaleway_${snakeCase(type)}`;
  const known = EXCEPTIONS[`${module}/${type}`];
  return `scaleway_${known ?? `${PREFIXES[module] ?? module}_${snakeCase(type)}`}`;
}
