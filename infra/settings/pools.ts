import { z } from "zod";
import { withRule } from "./fields";
import { GPU_NODE_TYPES, gpusOf, NODE_TYPES } from "./node-types";
import { zone } from "./project";

const nodes = z.int().min(0).max(500);
const nodeType = z.enum(NODE_TYPES as [string, ...string[]]);

const fields = z.strictObject({
  kind: z
    .enum(["cpu", "gpu"])
    .describe("gpu: one or more GPUs a node, and only pods that ask for a GPU; cpu: everything else."),
  nodeType: nodeType.describe("Commercial type of the nodes. Another type replaces the pool, old nodes first."),
  minNodes: nodes.describe("Nodes kept when idle. Cost: they are billed around the clock; a GPU pool may be 0."),
  maxNodes: nodes.min(1).describe("Nodes at most. Cost: the upper bound of the bill."),
  zone: zone.optional().describe("Zone of the nodes, by default the project's."),
  autohealing: z.boolean().default(true).describe("Whether Kapsule replaces nodes that stay unhealthy."),
  rootVolumeGb: z
    .int()
    .min(20)
    .max(10_000)
    .optional()
    .describe("Size of the system disk in GB, by default Kapsule's 20; images with CUDA need about 40."),
  labels: z.record(z.string(), z.string()).default({}).describe("Further labels of the nodes."),
});

const withTypeOfItsKind = withRule(
  fields,
  z.object({ kind: z.enum(["cpu", "gpu"]), nodeType }),
  ({ kind, nodeType }) => {
    if (kind === "gpu" && gpusOf(nodeType) === 0)
      return { path: ["nodeType"], message: `a type with a GPU, since kind is gpu: ${GPU_NODE_TYPES.join(", ")}` };
    if (kind === "cpu" && gpusOf(nodeType) > 0)
      return { path: ["nodeType"], message: "a type without GPU, since kind is cpu; for this type set kind: gpu" };
    return undefined;
  },
);

/** One pool; its key in the map is its name. */
export const pool = withRule(
  withTypeOfItsKind,
  z.object({ minNodes: nodes, maxNodes: nodes }),
  ({ minNodes, maxNodes }) =>
    minNodes > maxNodes
      ? { path: ["minNodes"], message: `at most maxNodes, which is ${maxNodes}: raise maxNodes or lower minNodes` }
      : undefined,
);

export type PoolSettings = z.output<typeof pool>;
