import { createHash } from "node:crypto";
import { isMap, isSecret, secret, type PropertyMap, type PropertyValue } from "../support/values";
import type { CheckRequest } from "../support/provider";
import { AUTONAMED, isAnnotated, plain } from "./objects";
import { stringAt } from "./paths";

/** Hexadecimal digits after the logical name; as many as the SDK's own automatic names have. */
const SUFFIX_DIGITS = 8;

/**
 * The metadata with a name: the given one, the automatic one of the last deployment, or a new automatic one that is
 * marked as such. Undefined where the name cannot be settled: unknown metadata, or automatic names are switched off.
 */
export function named(
  metadata: PropertyMap,
  { name, olds, randomSeed, autonaming }: Pick<CheckRequest, "name" | "olds" | "randomSeed" | "autonaming">,
): PropertyMap | undefined {
  if (metadata["name"] !== undefined && metadata["name"] !== null) return metadata;
  const previous = plain(olds);
  const kept = isAnnotated(previous, AUTONAMED) ? stringAt(previous, ["metadata", "name"]) : undefined;
  const chosen = kept ?? automaticName(name, randomSeed, autonaming);
  if (chosen === undefined) return undefined;
  return { ...metadata, annotations: marked(metadata["annotations"]), name: chosen };
}

/** Annotations that say the name is ours. Unknown ones cannot be extended yet; the update itself knows them. */
function marked(annotations: PropertyValue | undefined): PropertyValue {
  if (isSecret(annotations)) return secret(marked(annotations.value));
  if (annotations === undefined || annotations === null) return { [AUTONAMED]: "true" };
  return isMap(annotations) ? { ...annotations, [AUTONAMED]: "true" } : annotations;
}

function automaticName(
  logicalName: string,
  seed: Uint8Array,
  autonaming: CheckRequest["autonaming"],
): string | undefined {
  if (autonaming?.mode === "disable") return undefined;
  if (autonaming) return autonaming.proposedName;
  return `${logicalName}-${createHash("sha256").update(seed).digest("hex").slice(0, SUFFIX_DIGITS)}`;
}
