import { randomBytes } from "node:crypto";
import { z } from "zod";
import { type Platform, find, newborn, projectFor, settled, touched, visible } from "../platform";
import { type Call, type Route, ok, param, route } from "../server/call";
import { breaksRule, invalidArguments, preconditionFailed, transientState } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, regionOf, resourceName, tags } from "../server/validation";
import { without } from "../server/without";
import { defaultVpc, makePrivateNetwork, privateNetworks } from "../vpc/records";
import {
  DEFAULT_AUTOSCALER,
  NO_AUTO_UPGRADE,
  NO_OPEN_ID,
  mergeSettings,
  requireOffered,
  settingsSchema,
} from "./cluster-settings";
import { CLUSTER_TYPE_NAMES, clusterType, clusterTypeViews } from "./cluster-types";
import type { Orchestrator } from "./orchestrator";
import { type Cluster, clusters as clustersOf, pools, poolsOf } from "./records";
import { ADMISSION_PLUGINS, CNIS, FEATURE_GATES, upgradeAvailable, upgradeMistake, versionMistake } from "./versions";

const BASE = "/k8s/v1/regions/{region}/clusters";
const strings = optional(z.array(z.string()));

const createSchema = z.object({
  project_id: optional(z.string()),
  type: optional(z.string()),
  name: optional(resourceName),
  description: optional(z.string()),
  tags,
  version: z.string(),
  cni: z.string(),
  feature_gates: strings,
  admission_plugins: strings,
  apiserver_cert_sans: strings,
  private_network_id: optional(z.string()),
  pod_cidr: optional(z.string()),
  service_cidr: optional(z.string()),
  service_dns_ip: optional(z.string()),
  ...settingsSchema,
});

const updateSchema = z.object({
  name: optional(resourceName),
  description: optional(z.string()),
  tags,
  feature_gates: strings,
  admission_plugins: strings,
  apiserver_cert_sans: strings,
  ...settingsSchema,
});

/** Clusters: each has a control plane that this machine really runs. */
export function clusterRoutes(platform: Platform, orchestrator: Orchestrator): Route[] {
  const clusters = clustersOf(platform);
  const existing = (call: Call): Cluster => find(call, clusters, "cluster", param(call, "id"));

  /** A cluster that can be changed; what is being made or deleted cannot. */
  const changeable = (call: Call): Cluster => {
    const cluster = existing(call);
    if (cluster.status === "creating" || cluster.status === "deleting")
      throw transientState("cluster", cluster.id, cluster.status);
    return cluster;
  };
  const update = (call: Call, cluster: Cluster, fields: Partial<Cluster>) => {
    const updated = clusters.put({ ...cluster, ...fields, status: "updating", stuck: call.stuck, ...touched() });
    orchestrator.kickCluster(cluster.id);
    return ok(view(updated));
  };

  return [
    route("POST", BASE, "k8s.CreateCluster", (call) => {
      const body = bodyOf(call, createSchema);
      const region = regionOf(call);
      const project_id = projectFor(call, platform, body.project_id);
      const type = body.type || "kapsule";
      if (!clusterType(type))
        throw breaksRule("type", `type "${type}" does not exist; use one of ${CLUSTER_TYPE_NAMES.join(", ")}`);
      const mistake = versionMistake(body.version);
      if (mistake !== undefined) throw breaksRule("version", mistake);
      requireOffered("cni", [body.cni], CNIS);
      requireOffered("feature_gates", body.feature_gates ?? [], FEATURE_GATES);
      requireOffered("admission_plugins", body.admission_plugins ?? [], ADMISSION_PLUGINS);
      const base = newborn();
      const name = body.name ?? `k8s-${base.id.slice(0, 8)}`;
      const cluster = clusters.put({
        ...base,
        region,
        organization_id: platform.instance.account.organizationId,
        project_id,
        type,
        name,
        description: body.description ?? "",
        status: "creating",
        version: body.version,
        cni: body.cni,
        tags: body.tags ?? [],
        ...mergeSettings(
          { autoscaler_config: DEFAULT_AUTOSCALER, auto_upgrade: NO_AUTO_UPGRADE, open_id_connect_config: NO_OPEN_ID },
          body,
        ),
        feature_gates: body.feature_gates ?? [],
        admission_plugins: body.admission_plugins ?? [],
        apiserver_cert_sans: body.apiserver_cert_sans ?? [],
        private_network_id: networkFor(call, platform, { region, project_id, id: body.private_network_id, name }),
        pod_cidr: body.pod_cidr ?? "100.64.0.0/15",
        service_cidr: body.service_cidr ?? "10.32.0.0/20",
        service_dns_ip: body.service_dns_ip ?? "10.32.0.10",
        acl: [],
        admin_token: randomBytes(32).toString("hex"),
        stuck: call.stuck,
      });
      orchestrator.kickCluster(cluster.id);
      return ok(view(cluster));
    }),
    route("GET", BASE, "k8s.ListClusters", (call) => {
      regionOf(call);
      const found = matching(call, visible(call, clusters.all()), {
        name: (each) => each.name,
        status: (each) => each.status,
        type: (each) => each.type,
        private_network_id: (each) => each.private_network_id,
      });
      return ok(page(call, "clusters", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "k8s.GetCluster", async (call) => {
      await settled(platform, call, () => {
        const cluster = clusters.get(param(call, "id"));
        // A cluster that waits for the first node of its first pool settles no sooner for being waited for here.
        return cluster !== undefined && isTransient(cluster) && !(cluster.access && cluster.status === "creating");
      });
      return ok(view(existing(call)));
    }),
    route("PATCH", `${BASE}/{id}`, "k8s.UpdateCluster", (call) => {
      const cluster = changeable(call);
      const body = bodyOf(call, updateSchema);
      requireOffered("feature_gates", body.feature_gates ?? [], FEATURE_GATES);
      requireOffered("admission_plugins", body.admission_plugins ?? [], ADMISSION_PLUGINS);
      return update(call, cluster, {
        name: body.name ?? cluster.name,
        description: body.description ?? cluster.description,
        tags: body.tags ?? cluster.tags,
        feature_gates: body.feature_gates ?? cluster.feature_gates,
        admission_plugins: body.admission_plugins ?? cluster.admission_plugins,
        apiserver_cert_sans: body.apiserver_cert_sans ?? cluster.apiserver_cert_sans,
        ...mergeSettings(cluster, body),
      });
    }),
    route("POST", `${BASE}/{id}/upgrade`, "k8s.UpgradeCluster", (call) => {
      const cluster = changeable(call);
      const body = bodyOf(call, z.object({ version: z.string(), upgrade_pools: optional(z.boolean()) }));
      const mistake = upgradeMistake(cluster.version, body.version);
      if (mistake !== undefined) throw breaksRule("version", mistake);
      if (body.upgrade_pools === true)
        for (const pool of poolsOf(platform, cluster.id))
          pools(platform).patch(pool.id, { version: body.version, status: "upgrading", ...touched() });
      return update(call, cluster, { version: body.version });
    }),
    route("GET", `${BASE}/{id}/available-types`, "k8s.ListClusterAvailableTypes", (call) => {
      existing(call);
      return ok(page(call, "cluster_types", clusterTypeViews()));
    }),
    route("POST", `${BASE}/{id}/set-type`, "k8s.SetClusterType", (call) => {
      const cluster = changeable(call);
      const { type } = bodyOf(call, z.object({ type: z.string() }));
      if (!clusterType(type))
        throw breaksRule("type", `type "${type}" does not exist; use one of ${CLUSTER_TYPE_NAMES.join(", ")}`);
      return update(call, cluster, { type });
    }),
    route("DELETE", `${BASE}/{id}`, "k8s.DeleteCluster", (call) => {
      const cluster = existing(call);
      const deleting = clusters.put({
        ...cluster,
        status: "deleting",
        stuck: call.stuck,
        with_additional_resources: call.query.get("with_additional_resources") === "true",
        ...touched(),
      });
      orchestrator.kickCluster(cluster.id);
      return ok(view(deleting));
    }),
  ];
}

export const isTransient = ({ status }: Cluster): boolean =>
  status === "creating" || status === "updating" || status === "deleting";

/** As the API shows a cluster. */
export function view(cluster: Cluster): Record<string, unknown> {
  return {
    ...without(cluster, "acl", "admin_token", "access", "with_additional_resources", "stuck"),
    cluster_url: `https://${cluster.id}.api.k8s.${cluster.region}.scw.cloud:6443`,
    dns_wildcard: `*.${cluster.id}.nodes.k8s.${cluster.region}.scw.cloud`,
    upgrade_available: upgradeAvailable(cluster.version),
    commitment_ends_at: cluster.created_at,
    acl_available: true,
    iam_nodes_group_id: "",
  };
}

interface NetworkRequest {
  readonly region: string;
  readonly project_id: string;
  readonly id: string | undefined;
  /** Name of the cluster, for a network that is made with it. */
  readonly name: string;
}

/** The private network of a new cluster: the one it names, or a new one in the default VPC. */
function networkFor(call: Call, platform: Platform, { region, project_id, id, name }: NetworkRequest): string {
  if (id === undefined || id === "")
    return makePrivateNetwork(platform, {
      name: `kubernetes ${name}`,
      projectId: project_id,
      vpc: defaultVpc(platform, project_id, region),
    }).id;
  const network = privateNetworks(platform).get(id);
  if (network && network.region !== region)
    throw breaksRule(
      "private_network_id",
      `private network "${network.name}" is in ${network.region}, not in ${region}`,
    );
  if (!network)
    throw invalidArguments({
      argument_name: "private_network_id",
      reason: "unknown",
      help_message: `private network ${id} does not exist`,
    });
  find(call, privateNetworks(platform), "private_network", id);
  const neighbour = clustersOf(platform)
    .all()
    .find(({ private_network_id }) => private_network_id === id);
  if (neighbour)
    throw preconditionFailed(
      "resource_still_in_use",
      `on this machine each cluster needs a private network of its own; "${network.name}" belongs to "${neighbour.name}"`,
    );
  return id;
}
