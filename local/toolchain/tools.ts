/** Programs of other people that the local stack runs; absolute path of each. */
export type Tools = Readonly<Record<ToolName, string>>;

export type ToolName =
  | "pulumi"
  | "terraform-provider-scaleway"
  | "etcd"
  | "kube-apiserver"
  | "kube-controller-manager"
  | "kube-scheduler"
  | "kube-proxy"
  | "kubelet"
  | "kubectl"
  | "containerd"
  | "containerd-shim-runc-v2"
  | "ctr"
  | "runc"
  | "registry"
  | "versitygw"
  | "coredns"
  | "buildah";
