import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Another side of a connection in the same namespace, by the labels of its pods. */
export interface Peer {
  readonly pods: Readonly<Record<string, string>>;
  readonly port: number;
}

export interface AccessArgs {
  readonly namespace: pulumi.Input<string>;
  /** Labels of the pods that this is about. */
  readonly pods: Readonly<Record<string, string>>;
  /** Who may call which port. */
  readonly callers?: readonly Peer[];
  /**
   * Ports that anybody may call who is let out of his own namespace: the control plane and kubelets call from
   * addresses that Cilium does not count into address blocks, so no source can be named.
   */
  readonly openPorts?: readonly number[];
  /** What the pods may call in the namespace. */
  readonly calls?: readonly Peer[];
  /** Ports that the pods may call anywhere: the API server and object storage have no addresses that last. */
  readonly outsidePorts?: readonly number[];
}

/** Ports of the API server: of its Service, and of what is behind it, since policies are judged after translation. */
export const API_SERVER_PORTS: readonly number[] = [443, 6443];
/** Port of object storage. */
export const HTTPS_PORT = 443;

const tcp = (port: number) => ({ protocol: "TCP", port });

/** The traffic of one kind of pod; whatever no policy names is denied by the namespace. */
export function access(
  name: string,
  args: AccessArgs,
  opts: pulumi.CustomResourceOptions,
): k8s.networking.v1.NetworkPolicy {
  const { namespace, pods, callers = [], openPorts = [], calls = [], outsidePorts = [] } = args;
  const ingress = [
    ...callers.map((peer) => ({ from: [{ podSelector: { matchLabels: peer.pods } }], ports: [tcp(peer.port)] })),
    ...(openPorts.length > 0 ? [{ ports: openPorts.map(tcp) }] : []),
  ];
  const egress = [
    ...calls.map((peer) => ({ to: [{ podSelector: { matchLabels: peer.pods } }], ports: [tcp(peer.port)] })),
    ...(outsidePorts.length > 0 ? [{ ports: outsidePorts.map(tcp) }] : []),
  ];
  return new k8s.networking.v1.NetworkPolicy(
    name,
    {
      metadata: { namespace },
      spec: { podSelector: { matchLabels: { ...pods } }, policyTypes: ["Ingress", "Egress"], ingress, egress },
    },
    opts,
  );
}
