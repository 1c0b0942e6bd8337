import { CertificateAuthority, serviceAccountKeys, type Pair } from "./certificates";
import { writeKubeconfig } from "./kubeconfig";
import type { ClusterPaths } from "./paths";
import type { ClusterSpec } from "./runtime";
import { apiServerAddress, kubernetesServiceAddress } from "./subnets";

/** Port of every API server; each cluster has an address of its own. */
export const API_SERVER_PORT = 6443;

/** Kubernetes user of the managed parts outside of Kubernetes' own: autoscaler, CCM, CSI. */
export const CONTROLLERS_USER = "kapsule:controllers";
export const DNS_USER = "kapsule:dns";
export const KUBELET_CLIENT_USER = "kapsule:apiserver-kubelet-client";

/** Everything by which the parts of a cluster know each other: files, made once. */
export interface ClusterCredentials {
  readonly authority: CertificateAuthority;
  /** Of etcd alone: a client certificate of the cluster must not open its database. */
  readonly etcd: { readonly authority: Pair; readonly server: Pair; readonly client: Pair };
  readonly frontProxy: { readonly authority: Pair; readonly client: Pair };
  readonly apiServer: Pair;
  readonly kubeletClient: Pair;
  readonly serviceAccounts: { readonly privateKey: string; readonly publicKey: string };
  readonly kubeconfigs: Readonly<Record<Component, string>>;
  readonly host: string;
}

type Component = "admin" | "controller-manager" | "scheduler" | "kube-proxy" | "dns" | "controllers";

/** Makes what is missing and writes the kubeconfigs; the admin's carries the token of the specification. */
export async function clusterCredentials(spec: ClusterSpec, paths: ClusterPaths): Promise<ClusterCredentials> {
  const address = apiServerAddress(spec.privateSubnet);
  const host = `https://${address}:${API_SERVER_PORT}`;
  const [authority, etcdAuthority, frontAuthority] = await Promise.all(
    ["kubernetes", "etcd", "front-proxy"].map((name) => CertificateAuthority.open(paths.certificates, `${name}-ca`)),
  );
  if (!authority || !etcdAuthority || !frontAuthority) throw new Error("unreachable: three authorities were opened");

  const client = (name: string, commonName: string, ...organizations: string[]): Promise<Pair> =>
    authority.issue({ name, commonName, organizations, usage: ["client"] });
  const [apiServer, kubeletClient, etcdServer, etcdClient, frontProxy, manager, scheduler, proxy, dns, controllers] =
    await Promise.all([
      authority.issue({
        name: "apiserver",
        commonName: "kube-apiserver",
        usage: ["server"],
        dnsNames: apiServerNames(spec),
        addresses: [address, "127.0.0.1", kubernetesServiceAddress(spec.serviceCidr)],
      }),
      client("apiserver-kubelet-client", KUBELET_CLIENT_USER),
      etcdAuthority.issue({
        name: "etcd-server",
        commonName: "etcd",
        usage: ["server", "client"],
        addresses: [address],
      }),
      etcdAuthority.issue({ name: "etcd-client", commonName: "kube-apiserver", usage: ["client"] }),
      frontAuthority.issue({ name: "front-proxy-client", commonName: "front-proxy-client", usage: ["client"] }),
      client("controller-manager", "system:kube-controller-manager"),
      client("scheduler", "system:kube-scheduler"),
      client("kube-proxy", "system:kube-proxy"),
      client("dns", DNS_USER),
      client("controllers", CONTROLLERS_USER),
    ]);

  const cluster = { name: spec.name, host, caCertificate: authority.certificate };
  const kubeconfig = (name: Component, pair: Pair): string =>
    writeKubeconfig(`${paths.kubeconfigs}/${name}`, cluster, pair);
  return {
    authority,
    etcd: { authority: etcdAuthority.files, server: etcdServer, client: etcdClient },
    frontProxy: { authority: frontAuthority.files, client: frontProxy },
    apiServer,
    kubeletClient,
    serviceAccounts: serviceAccountKeys(paths.certificates),
    kubeconfigs: {
      admin: writeKubeconfig(paths.kubeconfig, cluster, { token: spec.adminToken }),
      "controller-manager": kubeconfig("controller-manager", manager),
      scheduler: kubeconfig("scheduler", scheduler),
      "kube-proxy": kubeconfig("kube-proxy", proxy),
      dns: kubeconfig("dns", dns),
      controllers: kubeconfig("controllers", controllers),
    },
    host,
  };
}

function apiServerNames(spec: ClusterSpec): string[] {
  return [
    "localhost",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    `${spec.id}.api.k8s.${spec.region}.scw.cloud`,
    ...spec.apiserverCertSans,
  ];
}
