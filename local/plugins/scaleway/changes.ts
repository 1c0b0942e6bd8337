import { isDeepStrictEqual } from "node:util";
import type { DiffKind, DiffResult } from "../support/provider";
import { isValueMap, Unknown, type Value, type ValueMap } from "./dynamic-value";
import { propertyPath } from "./diagnostics";
import type { AttributePath } from "./protocol";
import { properties, type Field, type ObjectType, type Type } from "./schema";

interface Change {
  readonly path: string;
  readonly kind: "add" | "delete" | "update";
  /** Nobody asked for it: the provider says that its own value will be another. */
  readonly computed: boolean;
}

/**
 * What a plan changes, in Pulumi's terms.
 *
 * @param requiresReplace paths that the provider cannot change in place, as its plan lists them
 */
export function planChanges(
  type: ObjectType,
  prior: ValueMap,
  planned: ValueMap,
  config: ValueMap,
  requiresReplace: readonly AttributePath[],
): DiffResult["changes"] {
  const all = properties(type).flatMap((field) => fieldChanges(field, "", prior, planned, config));
  const asked = all.filter(({ computed }) => !computed);
  const changes: Record<string, { kind: DiffKind }> = {};
  for (const { path, kind } of asked.length > 0 ? asked : all) changes[path] = { kind };
  for (const path of requiresReplace) {
    // The list names every field that forces a replacement, changed or not, and the id, which always changes then.
    if (path.steps[0]?.attribute_name === "id" || isDeepStrictEqual(at(prior, path), at(planned, path))) continue;
    const property = propertyPath(type, path);
    const covered = Object.keys(changes).filter(
      (key) => key === property || isWithin(key, property) || isWithin(property, key),
    );
    for (const key of covered) changes[key] = { kind: replacing(changes[key]!.kind) };
    if (covered.length === 0) changes[property] = { kind: "update-replace" };
  }
  return changes;
}

export function isReplacement(changes: DiffResult["changes"]): boolean {
  return Object.values(changes).some(({ kind }) => kind.endsWith("-replace"));
}

function replacing(kind: DiffKind): DiffKind {
  return kind.endsWith("-replace") ? kind : (`${kind}-replace` as DiffKind);
}

function isWithin(path: string, parent: string): boolean {
  return path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

/** The value at a path; where the path leads into a set, the set. */
function at(value: Value, { steps }: AttributePath): Value {
  let current = value;
  for (const { attribute_name: name, element_key_string: key, element_key_int: index } of steps) {
    if (isValueMap(current) && (name ?? key) !== undefined) current = current[name ?? key!] ?? null;
    else if (Array.isArray(current) && index !== undefined) current = current[index] ?? null;
    else return current;
  }
  return current;
}

function fieldChanges(field: Field, prefix: string, prior: ValueMap, planned: ValueMap, config: ValueMap): Change[] {
  if (field.writeOnly) return [];
  const path = prefix + field.property;
  const before = prior[field.name] ?? null;
  const after = planned[field.name] ?? null;
  const configured = config[field.name] ?? null;
  const computed = field.computed && configured === null;
  const changes = valueChanges(field.type, path, field.single, before, after, configured);
  return computed ? changes.map((change) => ({ ...change, computed: true })) : changes;
}

function valueChanges(type: Type, path: string, single: boolean, before: Value, after: Value, config: Value): Change[] {
  if (isSame(before, after) || (type.kind === "set" && sameMembers(before, after))) return [];
  if (type.kind === "object" && isValueMap(before) && isValueMap(after)) {
    const configured = isValueMap(config) ? config : {};
    return Object.values(type.fields).flatMap((field) => fieldChanges(field, `${path}.`, before, after, configured));
  }
  if (type.kind === "map" && isValueMap(before) && isValueMap(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) =>
      scalarChange(`${path}[${JSON.stringify(key)}]`, before[key] ?? null, after[key] ?? null),
    );
  }
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => {
      const itemPath = single ? path : `${path}[${index}]`;
      const configured = Array.isArray(config) ? (config[index] ?? null) : null;
      return valueChanges(type.element, itemPath, false, before[index] ?? null, after[index] ?? null, configured);
    }).flat();
  }
  return scalarChange(path, before, after);
}

function scalarChange(path: string, before: Value, after: Value): Change[] {
  if (isSame(before, after)) return [];
  const kind = isEmpty(before) ? "add" : isEmpty(after) ? "delete" : "update";
  return [{ path, kind, computed: false }];
}

/** Equal, nothing and an empty collection being the same thing to the provider. */
function isSame(before: Value, after: Value): boolean {
  return isDeepStrictEqual(before, after) || (isEmpty(before) && isEmpty(after));
}

function isEmpty(value: Value): boolean {
  if (value === null) return true;
  return Array.isArray(value) ? value.length === 0 : isValueMap(value) && Object.keys(value).length === 0;
}

function sameMembers(before: Value, after: Value): boolean {
  if (!Array.isArray(before) || !Array.isArray(after) || before.length !== after.length) return false;
  if (after.some((item) => item instanceof Unknown)) return false;
  const rest = [...after];
  return before.every((item) => {
    const index = rest.findIndex((other) => isDeepStrictEqual(other, item));
    if (index < 0) return false;
    rest.splice(index, 1);
    return true;
  });
}
