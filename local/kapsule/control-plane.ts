import { join } from "node:path";
import type { Service } from "../supervisor/service";
import type { Tools } from "../toolchain/tools";
import { serviceEnvironment } from "./command";
import { API_SERVER_PORT, type ClusterCredentials } from "./credentials";
import { digest, writeFile } from "./files";
import { clusterService, type ClusterPaths } from "./paths";
import type { ClusterSpec } from "./runtime";
import { apiServerAddress } from "./subnets";

export const ETCD_PORT = 2379;
const ETCD_PEER_PORT = 2380;
const CLUSTER_DOMAIN = "cluster.local";
/** Nobody asks these two for their metrics, and a port would cost each start an RSA key for its certificate. */
const NOT_SERVING = "--secure-port=0";

/** The services of a control plane: the database and the API first, the rest once the API answers. */
export interface ControlPlane {
  readonly etcd: Service;
  readonly apiServer: Service;
  readonly controllerManager: Service;
  readonly scheduler: Service;
}

export function controlPlane(
  spec: ClusterSpec,
  paths: ClusterPaths,
  tools: Tools,
  credentials: ClusterCredentials,
): ControlPlane {
  const tokens = join(paths.configuration, "tokens.csv");
  writeFile(tokens, `${spec.adminToken},kubernetes-admin,kubernetes-admin,"system:masters"\n`);
  const service = (part: string, command: readonly string[], files: readonly string[]): Service => ({
    name: clusterService(spec.id, part),
    command,
    environment: serviceEnvironment(paths.directory, digest(...files)),
    workingDirectory: paths.directory,
  });
  const { kubeconfigs } = credentials;
  return {
    etcd: service(
      "etcd",
      [tools.etcd, ...etcdArguments(spec, paths, credentials)],
      [credentials.etcd.server.certificate],
    ),
    apiServer: service(
      "apiserver",
      [tools["kube-apiserver"], ...apiServerArguments(spec, tokens, credentials)],
      [tokens, credentials.apiServer.certificate],
    ),
    controllerManager: service(
      "controller-manager",
      [tools["kube-controller-manager"], ...controllerManagerArguments(spec, credentials)],
      [kubeconfigs["controller-manager"]],
    ),
    scheduler: service(
      "scheduler",
      [tools["kube-scheduler"], ...schedulerArguments(spec, credentials)],
      [kubeconfigs.scheduler],
    ),
  };
}

function etcdArguments(spec: ClusterSpec, paths: ClusterPaths, { etcd }: ClusterCredentials): string[] {
  const address = apiServerAddress(spec.privateSubnet);
  const clients = `https://${address}:${ETCD_PORT}`;
  const peers = `https://${address}:${ETCD_PEER_PORT}`;
  return [
    "--name=kapsule",
    `--data-dir=${paths.etcd}`,
    `--listen-client-urls=${clients}`,
    `--advertise-client-urls=${clients}`,
    `--listen-peer-urls=${peers}`,
    `--initial-advertise-peer-urls=${peers}`,
    `--initial-cluster=kapsule=${peers}`,
    `--trusted-ca-file=${etcd.authority.certificate}`,
    `--cert-file=${etcd.server.certificate}`,
    `--key-file=${etcd.server.key}`,
    "--client-cert-auth",
    `--peer-trusted-ca-file=${etcd.authority.certificate}`,
    `--peer-cert-file=${etcd.server.certificate}`,
    `--peer-key-file=${etcd.server.key}`,
    "--peer-client-cert-auth",
    // Survives a killed process; a power failure may lose the last writes, which is what a stand-in may do.
    "--unsafe-no-fsync",
    // One member alone: waiting for others before it elects itself would only delay the start.
    "--heartbeat-interval=50",
    "--election-timeout=250",
    "--auto-compaction-mode=periodic",
    "--auto-compaction-retention=30m",
    "--snapshot-count=10000",
    "--max-snapshots=1",
    "--max-wals=2",
    "--log-level=warn",
  ];
}

function apiServerArguments(spec: ClusterSpec, tokens: string, credentials: ClusterCredentials): string[] {
  const address = apiServerAddress(spec.privateSubnet);
  const { authority, etcd, frontProxy, apiServer, kubeletClient, serviceAccounts } = credentials;
  return [
    `--bind-address=${address}`,
    `--secure-port=${API_SERVER_PORT}`,
    `--advertise-address=${address}`,
    `--etcd-servers=https://${address}:${ETCD_PORT}`,
    `--etcd-cafile=${etcd.authority.certificate}`,
    `--etcd-certfile=${etcd.client.certificate}`,
    `--etcd-keyfile=${etcd.client.key}`,
    `--client-ca-file=${authority.files.certificate}`,
    `--tls-cert-file=${apiServer.certificate}`,
    `--tls-private-key-file=${apiServer.key}`,
    `--token-auth-file=${tokens}`,
    "--authorization-mode=Node,RBAC",
    `--enable-admission-plugins=${["NodeRestriction", ...spec.admissionPlugins].join(",")}`,
    ...featureGates(spec),
    `--kubelet-certificate-authority=${authority.files.certificate}`,
    `--kubelet-client-certificate=${kubeletClient.certificate}`,
    `--kubelet-client-key=${kubeletClient.key}`,
    "--kubelet-preferred-address-types=InternalIP",
    `--service-account-issuer=https://kubernetes.default.svc.${CLUSTER_DOMAIN}`,
    `--service-account-key-file=${serviceAccounts.publicKey}`,
    `--service-account-signing-key-file=${serviceAccounts.privateKey}`,
    `--service-cluster-ip-range=${spec.serviceCidr}`,
    `--requestheader-client-ca-file=${frontProxy.authority.certificate}`,
    "--requestheader-allowed-names=front-proxy-client",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-username-headers=X-Remote-User",
    `--proxy-client-cert-file=${frontProxy.client.certificate}`,
    `--proxy-client-key-file=${frontProxy.client.key}`,
    // kube-proxy does not run before the first node: requests to webhooks and extension APIs go to endpoints directly.
    "--enable-aggregator-routing=true",
    "--allow-privileged=true",
    "--profiling=false",
    "--event-ttl=1h",
  ];
}

function controllerManagerArguments(
  spec: ClusterSpec,
  { authority, serviceAccounts, kubeconfigs }: ClusterCredentials,
): string[] {
  const kubeconfig = kubeconfigs["controller-manager"];
  return [
    `--kubeconfig=${kubeconfig}`,
    NOT_SERVING,
    `--root-ca-file=${authority.files.certificate}`,
    `--service-account-private-key-file=${serviceAccounts.privateKey}`,
    `--cluster-signing-cert-file=${authority.files.certificate}`,
    `--cluster-signing-key-file=${authority.files.key}`,
    `--service-cluster-ip-range=${spec.serviceCidr}`,
    `--cluster-name=${spec.id}`,
    "--use-service-account-credentials",
    // Its start makes an account and a token per controller, one request each: the default of 20 a second takes seconds.
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    // Nodes are registered with their pod subnet: it belongs to the interface made for them.
    "--allocate-node-cidrs=false",
    "--leader-elect=false",
    "--profiling=false",
    ...featureGates(spec),
  ];
}

function schedulerArguments(spec: ClusterSpec, { kubeconfigs }: ClusterCredentials): string[] {
  return [
    `--kubeconfig=${kubeconfigs.scheduler}`,
    NOT_SERVING,
    "--leader-elect=false",
    "--profiling=false",
    ...featureGates(spec),
  ];
}

function featureGates(spec: ClusterSpec): string[] {
  return spec.featureGates.length > 0
    ? [`--feature-gates=${spec.featureGates.map((gate) => `${gate}=true`).join(",")}`]
    : [];
}
