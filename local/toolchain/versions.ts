/**
 * Every tool of the local stack that is somebody else's work: its version, and how it is had.
 * Checksums are those of the Go checksum database, in the go.sum beside each module's go.mod.
 */

/** Oldest Go that the pinned modules accept (the `go` line of the cluster module). */
export const GO = "1.26.3";

// renovate: datasource=go depName=github.com/pulumi/pulumi/pkg/v3
// Held at 3.225.0: the module proxy serves no newer one, and npm's @pulumi/pulumi must be of the same version.
export const PULUMI = "3.225.0";
// renovate: datasource=go depName=github.com/scaleway/terraform-provider-scaleway/v2
// The code behind npm's @pulumiverse/scaleway 1.54.0; the two are raised together.
export const SCALEWAY_PROVIDER = "2.80.0";
// renovate: datasource=go depName=k8s.io/kubernetes
export const KUBERNETES = "1.36.4";
// renovate: datasource=go depName=go.etcd.io/etcd/server/v3
export const ETCD = "3.6.9";
// renovate: datasource=go depName=github.com/containerd/containerd/v2
export const CONTAINERD = "2.3.4";
// renovate: datasource=go depName=github.com/coredns/coredns
export const COREDNS = "1.12.4";
// renovate: datasource=go depName=github.com/distribution/distribution/v3
export const DISTRIBUTION = "3.1.1";
// renovate: datasource=go depName=github.com/versity/versitygw
export const VERSITYGW = "1.8.0";
// renovate: datasource=go depName=github.com/zegl/kube-score
// Of the tests only: kube-linter, which asks for more, is compiled from 1,201 packages to its 331.
export const KUBE_SCORE = "1.20.0";

/**
 * Debian packages; their versions are those of the machine's Debian release, which keeps them stable.
 * Each is listed with the program by which it is recognised, so that a machine that has it otherwise is left alone.
 */
export const DEBIAN_PACKAGES: readonly { readonly name: string; readonly provides: readonly string[] }[] = [
  { name: "s6", provides: ["s6-svscan", "s6-svlink"] },
  { name: "runc", provides: ["runc"] },
  { name: "containernetworking-plugins", provides: ["/usr/lib/cni/bridge"] },
  { name: "nftables", provides: ["nft"] },
  { name: "iptables", provides: ["iptables"] },
  { name: "iproute2", provides: ["ip"] },
  { name: "mount", provides: ["mount"] },
  { name: "util-linux", provides: ["flock", "setsid"] },
  { name: "buildah", provides: ["buildah"] },
  { name: "golang-github-containers-common", provides: ["/etc/containers/policy.json"] },
  { name: "debootstrap", provides: ["debootstrap"] },
  { name: "debian-archive-keyring", provides: ["/usr/share/keyrings/debian-archive-keyring.gpg"] },
  { name: "busybox-static", provides: ["/bin/busybox"] },
  { name: "python3-venv", provides: ["/var/lib/dpkg/info/python3-venv.list"] },
  { name: "ca-certificates", provides: ["/etc/ssl/certs/ca-certificates.crt"] },
];
