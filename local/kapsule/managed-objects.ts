import { CONTROLLERS_USER, DNS_USER, KUBELET_CLIENT_USER } from "./credentials";
import type { KubernetesApi, KubernetesObject } from "./kubernetes-api";
import type { ClusterSpec } from "./runtime";
import { apiServerAddress } from "./subnets";

/** Name by which Scaleway's block storage provisions volumes. */
export const CSI_PROVISIONER = "csi.scaleway.com";

interface Managed {
  /** Collection that the object belongs to. */
  readonly path: string;
  readonly object: KubernetesObject;
}

/** What a new Kapsule cluster already contains, as far as this machine has it. */
export function managedObjects(spec: ClusterSpec): readonly Managed[] {
  return [
    clusterRole("kapsule:dns", [
      { apiGroups: [""], resources: ["services", "pods", "namespaces"], verbs: ["list", "watch"] },
      { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["list", "watch"] },
    ]),
    binding("kapsule:dns", "kapsule:dns", DNS_USER),
    binding("kapsule:kubelet-api", "system:kubelet-api-admin", KUBELET_CLIENT_USER),
    binding("kapsule:controllers", "cluster-admin", CONTROLLERS_USER),
    ...dnsObjects(spec),
    storageClass("sbs-default", undefined, true),
    storageClass("sbs-5k", "5000", false),
    storageClass("sbs-15k", "15000", false),
  ];
}

/** Applies them all; each may exist already. */
export async function applyManagedObjects(api: KubernetesApi, spec: ClusterSpec): Promise<void> {
  await Promise.all(managedObjects(spec).map(({ path, object }) => api.apply(path, object)));
}

function dnsObjects(spec: ClusterSpec): Managed[] {
  const labels = { "k8s-app": "kube-dns", "kubernetes.io/name": "CoreDNS" };
  const ports = [
    { name: "dns", port: 53, protocol: "UDP" },
    { name: "dns-tcp", port: 53, protocol: "TCP" },
  ];
  return [
    {
      path: "/api/v1/namespaces/kube-system/services",
      object: {
        apiVersion: "v1",
        kind: "Service",
        metadata: { name: "kube-dns", namespace: "kube-system", labels },
        // No selector: the server is no pod but a process of this machine.
        spec: { clusterIP: spec.serviceDnsIp, ports: ports.map((port) => ({ ...port, targetPort: 53 })) },
      },
    },
    {
      path: "/apis/discovery.k8s.io/v1/namespaces/kube-system/endpointslices",
      object: {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: {
          name: "kube-dns-host",
          namespace: "kube-system",
          labels: { "kubernetes.io/service-name": "kube-dns", "endpointslice.kubernetes.io/managed-by": "kapsule" },
        },
        addressType: "IPv4",
        ports,
        endpoints: [{ addresses: [apiServerAddress(spec.privateSubnet)], conditions: { ready: true } }],
      },
    },
  ];
}

function storageClass(name: string, iops: string | undefined, isDefault: boolean): Managed {
  return {
    path: "/apis/storage.k8s.io/v1/storageclasses",
    object: {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name, annotations: { "storageclass.kubernetes.io/is-default-class": String(isDefault) } },
      provisioner: CSI_PROVISIONER,
      ...(iops === undefined ? {} : { parameters: { iops } }),
      reclaimPolicy: "Delete",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    },
  };
}

function clusterRole(name: string, rules: readonly unknown[]): Managed {
  const object = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name }, rules };
  return { path: "/apis/rbac.authorization.k8s.io/v1/clusterroles", object };
}

function binding(name: string, role: string, user: string): Managed {
  return {
    path: "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    object: {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: user }],
    },
  };
}
