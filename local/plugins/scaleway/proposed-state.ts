import { isDeepStrictEqual } from "node:util";
import { isValueMap, Unknown, type Value, type ValueMap } from "./dynamic-value";
import type { Field, ObjectType, Type } from "./schema";

/**
 * The state that a configuration asks for, before the provider plans: what is configured wins, and what the provider
 * computes keeps its prior value. On a creation (`prior` null) computed fields are null; the provider makes them unknown.
 */
export function proposedState(type: ObjectType, prior: ValueMap | null, config: ValueMap): ValueMap {
  const proposed: ValueMap = {};
  for (const field of Object.values(type.fields)) {
    proposed[field.name] = proposedField(field, prior?.[field.name] ?? null, config[field.name] ?? null);
  }
  return proposed;
}

function proposedField(field: Field, prior: Value, config: Value): Value {
  if (field.structured && config !== null) return proposedParts(field.type, prior, config);
  return config === null && field.computed ? prior : config;
}

function proposedParts(type: Type, prior: Value, config: Value): Value {
  if (config instanceof Unknown) return config;
  if (type.kind === "object" && isValueMap(config)) {
    return proposedState(type, isValueMap(prior) ? prior : null, config);
  }
  if (type.kind === "map" && isValueMap(config)) {
    const entries = Object.entries(config);
    return Object.fromEntries(
      entries.map(([key, value]) => [
        key,
        proposedParts(type.element, isValueMap(prior) ? (prior[key] ?? null) : null, value),
      ]),
    );
  }
  if (!Array.isArray(config) || (type.kind !== "list" && type.kind !== "set")) return config;
  const candidates = Array.isArray(prior) ? [...prior] : [];
  if (type.kind === "list") {
    return config.map((value, index) => proposedParts(type.element, candidates[index] ?? null, value));
  }
  return config.map((value) => {
    const match = candidates.findIndex((candidate) => sameElement(type.element, candidate, value));
    const [found = null] = match < 0 ? [] : candidates.splice(match, 1);
    return proposedParts(type.element, found, value);
  });
}

/** Whether an element of the prior set is the one that is configured: all that is not left to the provider is equal. */
function sameElement(type: Type, prior: Value, config: Value): boolean {
  if (type.kind !== "object" || !isValueMap(prior) || !isValueMap(config)) return isDeepStrictEqual(prior, config);
  return Object.values(type.fields).every((field) => {
    const configured = config[field.name] ?? null;
    if (field.computed && configured === null) return true;
    const before = prior[field.name] ?? null;
    return field.structured ? sameParts(field.type, before, configured) : isDeepStrictEqual(before, configured);
  });
}

function sameParts(type: Type, prior: Value, config: Value): boolean {
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(prior) && Array.isArray(config)) {
    return (
      prior.length === config.length && config.every((value, index) => sameElement(type.element, prior[index]!, value))
    );
  }
  return sameElement(type, prior, config);
}
