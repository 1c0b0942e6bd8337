import { createHash } from "node:crypto";
import type { CheckRequest } from "../support/provider";
import { stripSecrets, type PropertyMap } from "../support/values";
import { isInput, type ObjectType } from "./schema";

/** Input that lists the properties which the plugin chose: they may change where the program's own may not. */
export const DEFAULTS = "__defaults";

/**
 * Inputs with a name where the program gives none: the old one, else `<logical name>-<7 hexadecimal digits>`. The digits
 * follow from the engine's seed, so that a preview shows the name that the update will use.
 */
export function withName(type: ObjectType, { news, olds, name, randomSeed, autonaming }: CheckRequest): PropertyMap {
  const field = type.fields["name"];
  const given = news["name"] !== undefined && news["name"] !== null;
  if (given || !field || !isInput(field) || field.type.kind !== "string") return { ...news, [DEFAULTS]: [] };
  if (autonaming?.mode === "disable") return { ...news, [DEFAULTS]: [] };
  const old = stripSecrets(olds)["name"];
  const kept = isAutonamed(olds) && typeof old === "string" ? old : undefined;
  const chosen = kept ?? (autonaming?.proposedName || `${name}-${suffix(randomSeed)}`);
  return { ...news, name: chosen, [DEFAULTS]: ["name"] };
}

/** Whether the plugin chose the name. */
export function isAutonamed(inputs: PropertyMap): boolean {
  const defaults = inputs[DEFAULTS];
  return Array.isArray(defaults) && defaults.includes("name");
}

/**
 * A replacement under the same, given name: both cannot exist at once, so the old resource goes first.
 */
export function nameCollides(type: ObjectType, oldInputs: PropertyMap, news: PropertyMap): boolean {
  const field = type.fields["name"];
  if (!field || !isInput(field) || isAutonamed(news)) return false;
  const name = stripSecrets(news)["name"];
  return name !== undefined && name === stripSecrets(oldInputs)["name"];
}

function suffix(seed: Uint8Array): string {
  return createHash("sha256").update(seed).digest("hex").slice(0, 7);
}
