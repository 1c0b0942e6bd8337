import { z } from "zod";
import { duration, hostLabel, ipv4Network, withRule } from "./fields";
import { pool } from "./pools";

const version = z.string().regex(/^\d+\.\d+(\.\d+)?$/, 'a Kubernetes version in quotes, such as "1.36.4" or "1.36"');
const autoUpgrade = z.strictObject({
  day: z
    .enum(["any", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
    .describe("Day of the two-hour maintenance window."),
  startHourUtc: z.int().min(0).max(23).describe("Hour at which the window opens."),
});

/**
 * The whole block with the defaults of Kapsule: where it is left out the provider sends a graceful termination of
 * zero seconds, and a later change of skipNodesWithLocalStorage would replace the cluster.
 */
const autoscaler = z
  .strictObject({
    scaleDownEnabled: z.boolean().default(true).describe("Whether idle nodes are given back."),
    scaleDownDelayAfterAdd: duration
      .default("10m")
      .describe("Pause between the arrival of a node and the next removal."),
    scaleDownUnneededTime: duration.default("10m").describe("How long a node is idle before it is given back."),
    scaleDownUtilizationThreshold: z
      .number()
      .min(0)
      .max(1)
      .default(0.5)
      .describe("Share of requested CPU and memory below which a node counts as idle."),
    estimator: z.enum(["binpacking"]).default("binpacking"),
    expander: z
      .enum(["random", "most_pods", "least_waste", "priority", "price"])
      .default("random")
      .describe("How one of several fitting pools is chosen."),
    ignoreDaemonsetsUtilization: z.boolean().default(false),
    balanceSimilarNodeGroups: z.boolean().default(false),
    expendablePodsPriorityCutoff: z
      .int()
      .default(-10)
      .describe("Pods of a lower priority neither start a node nor keep one."),
    maxGracefulTerminationSeconds: z.int().min(0).default(600).describe("Time for a pod to end when its node goes."),
    skipNodesWithLocalStorage: z
      .boolean()
      .default(true)
      .describe("Whether pods with emptyDir keep their node. Decided once: a change replaces the whole cluster."),
  })
  .prefault({});

const access = z.strictObject({
  networks: z
    .array(z.strictObject({ network: ipv4Network, description: z.string().max(255) }))
    .default([])
    .describe("Networks from which the API server may be reached."),
});

const fields = z.strictObject({
  protect: z.boolean().describe("Whether a destroy or a replacement of the cluster is refused."),
  type: z
    .enum(["kapsule", "kapsule-dedicated-4", "kapsule-dedicated-8", "kapsule-dedicated-16"])
    .default("kapsule")
    .describe("Control plane. Cost: kapsule is free; a dedicated one is billed and bound for 30 days."),
  version: version.describe('Kubernetes version: "x.y.z", or "x.y" with autoUpgrade.'),
  autoUpgrade: autoUpgrade.optional().describe("Window in which Kapsule installs patch versions by itself."),
  cni: z.enum(["cilium", "calico"]).default("cilium").describe("Pod network. A change replaces the cluster."),
  privateSubnet: ipv4Network
    .default("172.16.0.0/22")
    .describe("Addresses of nodes in the private network. A change replaces network and cluster."),
  deleteAdditionalResources: z
    .boolean()
    .describe("Whether volumes and load balancers go with the cluster; true loses data that lives in volumes."),
  access: access.optional().describe("Who reaches the API server; by default every network, with a token."),
  autoscaler,
  pools: z.record(hostLabel, pool).describe("Pools by name. A further one needs nothing but its entry here."),
});

const withVersionOfItsForm = withRule(
  fields,
  z.object({ version, autoUpgrade: z.unknown().optional() }),
  ({ version, autoUpgrade }) => {
    const minorOnly = /^\d+\.\d+$/.test(version);
    if (autoUpgrade !== undefined && !minorOnly)
      return {
        path: ["version"],
        message: 'a minor version such as "1.36", since with autoUpgrade Kapsule chooses the patch',
      };
    if (autoUpgrade === undefined && minorOnly)
      return { path: ["version"], message: 'a full version such as "1.36.4", or set autoUpgrade {day, startHourUtc}' };
    return undefined;
  },
);

/** Network, control plane and pools. */
export const cluster = withRule(
  withVersionOfItsForm,
  z.object({ pools: z.record(z.string(), z.object({ kind: z.string(), minNodes: z.number() })) }),
  ({ pools }) =>
    Object.values(pools).some(({ kind, minNodes }) => kind === "cpu" && minNodes >= 1)
      ? undefined
      : {
          path: ["pools"],
          message:
            "one pool of kind cpu with minNodes 1 or more, where the cluster's own pods run (or they start GPU nodes)",
        },
).describe("Network, control plane and pools.");

export type ClusterSettings = z.output<typeof cluster>;
