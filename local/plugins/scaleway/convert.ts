import { isMap, mapValues, secret, UNKNOWN, type PropertyMap, type PropertyValue } from "../support/values";
import { isValueMap, Unknown, UNKNOWN_VALUE, type Value, type ValueMap } from "./dynamic-value";
import { properties, type Field, type ObjectType, type Type } from "./schema";

/**
 * The provider's form of Pulumi properties (inputs or outputs, without secret wrappers): an object with every field.
 * Values of the wrong shape pass through; the provider's own validation names them.
 */
export function toProvider(type: ObjectType, map: PropertyMap, id: string | null = null): ValueMap {
  const value = objectToProvider(properties(type), map);
  if (type.fields["id"]) value["id"] = id;
  if (type.fields["timeouts"]) value["timeouts"] = null;
  return value;
}

function objectToProvider(fields: readonly Field[], map: PropertyMap): ValueMap {
  return Object.fromEntries(fields.map((field) => [field.name, fieldToProvider(field, map[field.property])]));
}

function fieldToProvider(field: Field, value: PropertyValue | undefined): Value {
  if (value === undefined || value === null)
    return field.block && field.type.kind !== "object" ? emptyOf(field.type) : null;
  return valueToProvider(field.type, field.single && value !== UNKNOWN && !Array.isArray(value) ? [value] : value);
}

function emptyOf(type: Type): Value {
  return type.kind === "map" ? {} : [];
}

function valueToProvider(type: Type, value: PropertyValue): Value {
  if (value === null) return null;
  if (value === UNKNOWN) return UNKNOWN_VALUE;
  switch (type.kind) {
    case "string":
      return typeof value === "number" || typeof value === "boolean" ? String(value) : value;
    case "bool":
      return value === "true" ? true : value === "false" ? false : value;
    case "list":
    case "set":
      return Array.isArray(value) ? value.map((item) => valueToProvider(type.element, item)) : value;
    case "map":
      return isMap(value) ? mapValues(value, (item) => valueToProvider(type.element, item)) : value;
    case "object":
      return isMap(value) ? objectToProvider(Object.values(type.fields), value) : value;
    default:
      return value;
  }
}

/** Pulumi outputs of a state: without nulls, with sensitive values marked as secret. The id is not among them. */
export function toPulumi(type: ObjectType, value: ValueMap): PropertyMap {
  return objectToPulumi(properties(type), value);
}

function objectToPulumi(fields: readonly Field[], value: ValueMap): PropertyMap {
  const map: PropertyMap = {};
  for (const field of fields) {
    const property = fieldToPulumi(field, value[field.name] ?? null);
    if (property !== undefined) map[field.property] = field.sensitive ? secret(property) : property;
  }
  return map;
}

function fieldToPulumi(field: Field, value: Value): PropertyValue | undefined {
  const item = field.single && Array.isArray(value) ? value[0] : value;
  if (item === null || item === undefined) return undefined;
  const type = field.single && item !== UNKNOWN_VALUE ? (field.type as { element: Type }).element : field.type;
  return valueToPulumi(type, item);
}

function valueToPulumi(type: Type, value: Value): PropertyValue {
  if (value instanceof Unknown) return UNKNOWN;
  if ((type.kind === "list" || type.kind === "set") && Array.isArray(value)) {
    return value.map((item) => valueToPulumi(type.element, item));
  }
  if (type.kind === "map" && isValueMap(value)) return mapValues(value, (item) => valueToPulumi(type.element, item));
  if (type.kind === "object" && isValueMap(value)) return objectToPulumi(Object.values(type.fields), value);
  return value as PropertyValue;
}

/** Properties that the type does not have, as Pulumi paths. Keys that begin with `__` are bookkeeping. */
export function unknownProperties(type: ObjectType, map: PropertyMap): string[] {
  return surplus(properties(type), map, "");
}

function surplus(fields: readonly Field[], map: PropertyMap, prefix: string): string[] {
  return Object.entries(map).flatMap(([key, value]) => {
    if (key.startsWith("__")) return [];
    const field = fields.find(({ property }) => property === key);
    if (!field) return [prefix + key];
    const object = objectOf(field.type);
    if (!object) return [];
    const items = Array.isArray(value)
      ? value.map((item, index) => [item, `[${index}]`] as const)
      : [[value, ""] as const];
    const inner = Object.values(object.fields);
    return items.flatMap(([item, index]) => (isMap(item) ? surplus(inner, item, `${prefix}${key}${index}.`) : []));
  });
}

/** The object that a type is, or is a list or set of. */
function objectOf(type: Type): ObjectType | undefined {
  if (type.kind === "object") return type;
  return (type.kind === "list" || type.kind === "set") && type.element.kind === "object" ? type.element : undefined;
}
