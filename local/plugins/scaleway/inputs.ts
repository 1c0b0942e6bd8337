import { isDeepStrictEqual } from "node:util";
import { isMap, stripSecrets, type PropertyMap, type PropertyValue } from "../support/values";
import { DEFAULTS } from "./autoname";
import { isInput, properties, type Field, type ObjectType } from "./schema";

/**
 * Inputs that a refresh leaves in the state: where the live value of an input differs from the one that was last
 * recorded, the live value; everything else as it was. So what the API merely spells differently is no drift.
 */
export function refreshedInputs(inputs: PropertyMap, before: PropertyMap, after: PropertyMap): PropertyMap {
  const refreshed: PropertyMap = {};
  for (const [key, input] of Object.entries(inputs)) {
    const live = after[key];
    const unchanged =
      key.startsWith("__") || isDeepStrictEqual(stripSecrets(before[key] ?? null), stripSecrets(live ?? null));
    if (unchanged) refreshed[key] = input;
    else if (live !== undefined) refreshed[key] = shapedLike(input, live);
  }
  return refreshed;
}

/** The live value, reduced to the keys of an object that the input gives: the others are the provider's own. */
function shapedLike(input: PropertyValue, live: PropertyValue): PropertyValue {
  const plain = stripSecrets(input);
  if (Array.isArray(plain) && Array.isArray(live)) {
    return live.map((item, index) => (plain[index] === undefined ? item : shapedLike(plain[index], item)));
  }
  if (!isMap(plain) || !isMap(live)) return live;
  return Object.fromEntries(Object.entries(live).filter(([key]) => plain[key] !== undefined));
}

/** Inputs of an imported resource: what a program may set and the live resource has. */
export function importedInputs(type: ObjectType, outputs: PropertyMap): PropertyMap {
  return { ...inputsOf(properties(type), outputs), [DEFAULTS]: [] };
}

function inputsOf(fields: readonly Field[], outputs: PropertyMap): PropertyMap {
  const inputs: PropertyMap = {};
  for (const field of fields) {
    const value = outputs[field.property];
    if (value === undefined || !isInput(field) || isNothing(value)) continue;
    inputs[field.property] = nestedInputs(field, value);
  }
  return inputs;
}

function nestedInputs(field: Field, value: PropertyValue): PropertyValue {
  if (!field.structured) return value;
  const type = field.type.kind === "list" || field.type.kind === "set" ? field.type.element : field.type;
  if (type.kind !== "object") return value;
  const fields = Object.values(type.fields);
  if (Array.isArray(value)) return value.map((item) => (isMap(item) ? inputsOf(fields, item) : item));
  return isMap(value) ? inputsOf(fields, value) : value;
}

/** Empty text and empty collections say no more than an absent property. */
function isNothing(value: PropertyValue): boolean {
  if (value === "" || value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isMap(value) && Object.keys(value).length === 0;
}
