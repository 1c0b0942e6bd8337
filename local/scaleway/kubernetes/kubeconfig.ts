import { stringify } from "yaml";
import { randomBytes } from "node:crypto";
import { type Platform, find, settled, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { transientState } from "../server/errors";
import { type Cluster, clusters as clustersOf } from "./records";
import type { Orchestrator } from "./orchestrator";

const BASE = "/k8s/v1/regions/{region}/clusters/{id}";

/** The kubeconfig of a cluster: one cluster, one user with a token, which can be exchanged for a new one. */
export function kubeconfigRoutes(platform: Platform, orchestrator: Orchestrator): Route[] {
  const clusters = clustersOf(platform);
  return [
    route("GET", `${BASE}/kubeconfig`, "k8s.GetClusterKubeConfig", async (call) => {
      const id = param(call, "id");
      await settled(platform, call, () => clusters.get(id)?.status === "creating" && !clusters.get(id)?.access);
      const cluster = find(call, clusters, "cluster", id);
      if (!cluster.access) throw transientState("cluster", id, cluster.status);
      const content = Buffer.from(kubeconfig(cluster, cluster.access)).toString("base64");
      return ok({ name: "kubeconfig", content_type: "application/octet-stream", content });
    }),
    route("POST", `${BASE}/reset-admin-token`, "k8s.ResetClusterAdminToken", (call) => {
      const { id } = find(call, clusters, "cluster", param(call, "id"));
      clusters.patch(id, { admin_token: randomBytes(32).toString("hex"), status: "updating", ...touched() });
      orchestrator.kickCluster(id);
      return noContent;
    }),
  ];
}

function kubeconfig({ name, admin_token }: Cluster, { host, caCertificate }: NonNullable<Cluster["access"]>): string {
  const user = `${name}-admin`;
  const context = `admin@${name}`;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name,
        cluster: { "certificate-authority-data": Buffer.from(caCertificate).toString("base64"), server: host },
      },
    ],
    contexts: [{ name: context, context: { cluster: name, user } }],
    "current-context": context,
    preferences: {},
    users: [{ name: user, user: { token: admin_token } }],
  });
}
