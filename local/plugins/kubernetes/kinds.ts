/** A kind of object in a version of its group; the core group is the empty string. */
export interface Kind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Reads `apps/v1` or `v1`. */
export function kindOf(apiVersion: string, kind: string): Kind {
  const slash = apiVersion.indexOf("/");
  return slash < 0
    ? { group: "", version: apiVersion, kind }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1), kind };
}

/** Reads a resource type such as `kubernetes:apps/v1:Deployment`; the SDK calls the core group `core`. */
export function kindOfType(type: string): Kind {
  const [, apiVersion = "", kind = ""] = type.split(":");
  return kindOf(apiVersion.replace(/^core\//, ""), kind);
}

export function apiVersionOf({ group, version }: Kind): string {
  return group === "" ? version : `${group}/${version}`;
}

/**
 * Kinds of Kubernetes itself that live outside namespaces, by group. A table and not a question to the cluster: a check
 * must give the same answer when no cluster can be reached, or a namespace appears among the inputs and the resource is
 * replaced. Checked against the discovery of a live API server by the tests.
 */
const CLUSTER_SCOPED: Readonly<Record<string, readonly string[]>> = {
  "": ["ComponentStatus", "Namespace", "Node", "PersistentVolume"],
  "admissionregistration.k8s.io": [
    "MutatingAdmissionPolicy",
    "MutatingAdmissionPolicyBinding",
    "MutatingWebhookConfiguration",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
    "ValidatingWebhookConfiguration",
  ],
  "apiextensions.k8s.io": ["CustomResourceDefinition"],
  "apiregistration.k8s.io": ["APIService"],
  apps: [],
  "authentication.k8s.io": ["SelfSubjectReview", "TokenReview"],
  "authorization.k8s.io": ["SelfSubjectAccessReview", "SelfSubjectRulesReview", "SubjectAccessReview"],
  autoscaling: [],
  batch: [],
  "certificates.k8s.io": ["CertificateSigningRequest", "ClusterTrustBundle"],
  "coordination.k8s.io": [],
  "discovery.k8s.io": [],
  "events.k8s.io": [],
  "flowcontrol.apiserver.k8s.io": ["FlowSchema", "PriorityLevelConfiguration"],
  "internal.apiserver.k8s.io": ["StorageVersion"],
  "networking.k8s.io": ["IPAddress", "IngressClass", "ServiceCIDR"],
  "node.k8s.io": ["RuntimeClass"],
  policy: [],
  "rbac.authorization.k8s.io": ["ClusterRole", "ClusterRoleBinding"],
  "resource.k8s.io": ["DeviceClass", "DeviceTaintRule", "ResourceSlice"],
  "scheduling.k8s.io": ["PriorityClass"],
  "storage.k8s.io": ["CSIDriver", "CSINode", "StorageClass", "VolumeAttachment", "VolumeAttributesClass"],
  "storagemigration.k8s.io": ["StorageVersionMigration"],
};

/** Whether a built-in kind lives in a namespace; undefined for kinds that only the cluster knows (custom resources). */
export function isNamespacedBuiltIn({ group, kind }: Kind): boolean | undefined {
  const clusterScoped = Object.hasOwn(CLUSTER_SCOPED, group) ? CLUSTER_SCOPED[group] : undefined;
  return clusterScoped && !clusterScoped.includes(kind);
}
