import type { CheckRequest, CheckResult, DiffKind, DiffRequest, DiffResult } from "../support/provider";
import { containsUnknown, dropNulls, isUnknown, stripSecrets, type PropertyMap } from "../support/values";
import { readConfiguration } from "./configuration";
import { serverOf } from "./kubeconfig";
import { equal } from "./paths";

/** Settings that tell where the cluster is. */
const WHERE = ["kubeconfig", "context", "cluster"];

export function checkConfig({ news }: Pick<CheckRequest, "news">): CheckResult {
  try {
    readConfiguration(news);
    return { inputs: news };
  } catch (error) {
    return { inputs: news, failures: [{ property: "", reason: (error as Error).message }] };
  }
}

/**
 * A provider is replaced, with everything made through it, when it means another cluster. `clusterIdentifier` says
 * which one it means where it is given: a rotated kubeconfig is then nothing but an update.
 */
export function diffConfig({
  oldInputs,
  oldOutputs,
  news,
}: Pick<DiffRequest, "oldInputs" | "oldOutputs" | "news">): DiffResult {
  const before = settings(Object.keys(oldInputs).length > 0 ? oldInputs : oldOutputs);
  const after = settings(news);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (key) => key !== "version" && !equal(before[key], after[key]),
  );
  const replacing = new Set(replacingSettings(before, after, changed));
  const changes: Record<string, { kind: DiffKind; inputDiff: boolean }> = {};
  for (const key of changed) {
    const kind = before[key] === undefined ? "add" : after[key] === undefined ? "delete" : "update";
    changes[key] = { kind: replacing.has(key) ? `${kind}-replace` : kind, inputDiff: true };
  }
  return { changes };
}

function settings(properties: PropertyMap): PropertyMap {
  return dropNulls(stripSecrets(properties));
}

function replacingSettings(before: PropertyMap, after: PropertyMap, changed: readonly string[]): readonly string[] {
  if (before["clusterIdentifier"] !== undefined && after["clusterIdentifier"] !== undefined) {
    return changed.filter((key) => key === "clusterIdentifier");
  }
  const where = changed.filter((key) => WHERE.includes(key));
  if (where.length === 0 || WHERE.some((key) => isUnknown(after[key]))) return where;
  const [from, to] = [clusterOf(before), clusterOf(after)];
  return from !== undefined && from === to ? [] : where;
}

/** Address of the API server; undefined where it cannot be told. */
function clusterOf(config: PropertyMap): string | undefined {
  return containsUnknown(config) ? undefined : serverOf(readConfiguration(config, {}));
}
