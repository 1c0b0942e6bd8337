import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { cluster } from "./settings/cluster";
import { foundation } from "./settings/foundation";
import { describeMistakes, expectation } from "./settings/mistakes";
import { offeredIn, zonesOf } from "./settings/node-types";
import { platform } from "./settings/platform";
import { project } from "./settings/project";
import { recommenders } from "./settings/recommenders";
import { withRule } from "./settings/fields";

/** Namespace of all settings in a stack file. */
export const NAMESPACE = "recommender";

const sections = z.strictObject({ project, foundation, cluster, platform, recommenders });

const poolPlaces = z.object({ nodeType: z.string(), zone: z.string().optional() });
const withPoolsInTheRegion = withRule(
  sections,
  z.object({
    project: z.object({ region: z.string(), zone: z.string() }),
    cluster: z.object({ pools: z.record(z.string(), poolPlaces) }),
  }),
  ({ project: { region, zone: home }, cluster: { pools } }) => {
    for (const [name, { nodeType, zone = home }] of Object.entries(pools)) {
      if (pools[name]?.zone && !zone.startsWith(`${region}-`))
        return { path: ["cluster", "pools", name, "zone"], message: `a zone of region ${region}, such as ${region}-1` };
      if (!offeredIn(nodeType, zone))
        return {
          path: ["cluster", "pools", name, "nodeType"],
          message: `a type that zone ${zone} offers; this one is in ${zonesOf(nodeType)}: move the pool with zone, or take another type`,
        };
    }
    return undefined;
  },
);

/** Pools that a recommender names. */
const usedPools = z.object({ cpuPool: z.string().optional(), gpuPool: z.string().optional() });

/** The whole configuration of a stack; defaults live here and nowhere else. */
export const settingsSchema = withRule(
  withPoolsInTheRegion,
  z.object({
    cluster: z.object({ pools: z.record(z.string(), z.object({ kind: z.string() })) }),
    recommenders: z.record(z.string(), usedPools.optional()),
  }),
  ({ cluster: { pools }, recommenders }) => {
    for (const [recommender, used = {}] of Object.entries(recommenders)) {
      for (const [key, kind] of [
        ["cpuPool", "cpu"],
        ["gpuPool", "gpu"],
      ] as const) {
        const chosen = used[key];
        if (chosen === undefined || pools[chosen]?.kind === kind) continue;
        const names = Object.keys(pools).filter((name) => pools[name]?.kind === kind);
        return {
          path: ["recommenders", recommender, key],
          message: `the name of a pool of kind ${kind} (${names.join(", ") || "there is none: add one to cluster.pools"})`,
        };
      }
    }
    return undefined;
  },
);

export type Settings = z.output<typeof settingsSchema>;

/**
 * Checks settings that were read elsewhere.
 * @throws RunError with every mistake, each with its key, its value and what would be right
 */
export function checkSettings(raw: Readonly<Record<string, unknown>>, source: string): Settings {
  const result = settingsSchema.safeParse(raw, { error: expectation });
  if (result.success) return result.data;
  const mistakes = describeMistakes(NAMESPACE, raw, result.error.issues);
  throw new pulumi.RunError(
    `${source} has ${mistakes.length} mistake${mistakes.length > 1 ? "s" : ""}:\n${mistakes.map((line) => `  ${line}`).join("\n")}`,
  );
}

/**
 * Reads the configuration of the current stack, before any resource exists.
 * Settings hold no secret: structured configuration loses its secret mark when it is read.
 * @throws RunError as `checkSettings`
 */
export function loadSettings(): Settings {
  const prefix = `${NAMESPACE}:`;
  const source = `The configuration of stack ${pulumi.getStack()} (stacks/Pulumi.${pulumi.getStack()}.yaml)`;
  const keys = Object.keys(pulumi.runtime.allConfig()).filter((key) => key.startsWith(prefix));
  const raw = Object.fromEntries(
    keys.map((key) => [key.slice(prefix.length), parsed(pulumi.runtime.getConfig(key) ?? "")]),
  );
  return checkSettings(raw, source);
}

/** The engine hands objects over as JSON and scalars as bare text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
