import { z } from "zod";
import { breaksRule } from "../server/errors";
import { optional } from "../server/validation";
import type { AutoUpgrade, AutoscalerConfig, OpenIdConnectConfig } from "./records";

const duration = z.string().regex(/^(\d+(\.\d+)?(h|m|s|ms))+$/, 'must be a duration such as "10m"');

/** Fields of a cluster that are blocks of settings; in each, null and `unknown_…` mean "leave as it is". */
export const settingsSchema = {
  autoscaler_config: optional(
    z.object({
      scale_down_disabled: optional(z.boolean()),
      scale_down_delay_after_add: optional(duration),
      estimator: optional(z.enum(["unknown_estimator", "binpacking"])),
      expander: optional(z.enum(["unknown_expander", "random", "most_pods", "least_waste", "priority", "price"])),
      ignore_daemonsets_utilization: optional(z.boolean()),
      balance_similar_node_groups: optional(z.boolean()),
      expendable_pods_priority_cutoff: optional(z.int()),
      scale_down_unneeded_time: optional(duration),
      scale_down_utilization_threshold: optional(z.number().min(0).max(1)),
      max_graceful_termination_sec: optional(z.int().min(0)),
      skip_nodes_with_local_storage: optional(z.boolean()),
      log_level: optional(z.int().min(0)),
    }),
  ),
  auto_upgrade: optional(
    z.object({
      enable: optional(z.boolean()),
      maintenance_window: optional(
        z.object({
          start_hour: optional(z.int().min(0).max(23)),
          day: optional(z.enum(["any", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])),
        }),
      ),
    }),
  ),
  open_id_connect_config: optional(
    z.object({
      issuer_url: optional(z.string()),
      client_id: optional(z.string()),
      username_claim: optional(z.string()),
      username_prefix: optional(z.string()),
      groups_claim: optional(z.array(z.string())),
      groups_prefix: optional(z.string()),
      required_claim: optional(z.array(z.string())),
    }),
  ),
};

export const DEFAULT_AUTOSCALER: AutoscalerConfig = {
  scale_down_disabled: false,
  scale_down_delay_after_add: "10m",
  estimator: "binpacking",
  expander: "random",
  ignore_daemonsets_utilization: false,
  balance_similar_node_groups: false,
  expendable_pods_priority_cutoff: -10,
  scale_down_unneeded_time: "10m",
  scale_down_utilization_threshold: 0.5,
  max_graceful_termination_sec: 600,
  skip_nodes_with_local_storage: false,
  log_level: 2,
};

export const NO_AUTO_UPGRADE: AutoUpgrade = { enabled: false, maintenance_window: { start_hour: 0, day: "any" } };

export const NO_OPEN_ID: OpenIdConnectConfig = {
  issuer_url: "",
  client_id: "",
  username_claim: "",
  username_prefix: "",
  groups_claim: [],
  groups_prefix: "",
  required_claim: [],
};

type Given = z.output<z.ZodObject<typeof settingsSchema>>;

export interface Settings {
  readonly autoscaler_config: AutoscalerConfig;
  readonly auto_upgrade: AutoUpgrade;
  readonly open_id_connect_config: OpenIdConnectConfig;
}

/** The blocks after a request: what it gives over what was there. */
export function mergeSettings(current: Settings, given: Given): Settings {
  const { enable, maintenance_window } = given.auto_upgrade ?? {};
  return {
    autoscaler_config: { ...current.autoscaler_config, ...whatIsGiven(given.autoscaler_config ?? {}) },
    auto_upgrade: {
      enabled: enable ?? current.auto_upgrade.enabled,
      maintenance_window: { ...current.auto_upgrade.maintenance_window, ...whatIsGiven(maintenance_window ?? {}) },
    },
    open_id_connect_config: { ...current.open_id_connect_config, ...whatIsGiven(given.open_id_connect_config ?? {}) },
  };
}

function whatIsGiven<T extends object>(block: T): { [K in keyof T]?: Exclude<T[K], undefined | `unknown_${string}`> } {
  const entries = Object.entries(block).filter(
    ([, value]) => value !== undefined && !(typeof value === "string" && value.startsWith("unknown_")),
  );
  return Object.fromEntries(entries) as { [K in keyof T]?: Exclude<T[K], undefined | `unknown_${string}`> };
}

/** Refuses what Kapsule does not know; every list is checked against what the version offers. */
export function requireOffered(argument: string, wanted: readonly string[], offered: readonly string[]): void {
  const unknown = wanted.filter((each) => !offered.includes(each));
  if (unknown.length > 0)
    throw breaksRule(argument, `${unknown.join(", ")} not offered; use some of ${offered.join(", ")}`);
}
