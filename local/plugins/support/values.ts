import { ListValue, NullValue, Struct, Value } from "google-protobuf/google/protobuf/struct_pb";

/** A Pulumi property as it travels: plain JSON in which secrets are objects with a signature and unknowns are one magic string. */
export type PropertyValue = null | boolean | number | string | PropertyValue[] | PropertyMap;
export interface PropertyMap {
  [key: string]: PropertyValue;
}
/** Way to a nested value: property names and list positions. */
export type PropertyPath = readonly (string | number)[];

/** Stands for a value that only the update itself will know (a string, whatever the type of the real value). */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
/** Key that marks an object as one of Pulumi's special values; its value says which. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const SPECIAL_VALUES: Readonly<Record<string, string>> = {
  c44067f5952c0a294b673a41bacd8c17: "an asset",
  "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
  "5cf8f73096256a8f31e491e813e4eb8e": "a resource",
  d0e6a833031e9bbcd3f4e8bde6ca49a4: "an output value",
};

/** An object, as opposed to a list, null or a scalar. A secret is a map too: ask {@link isSecret} first. */
export function isMap(value: PropertyValue | undefined): value is PropertyMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSecret(value: PropertyValue | undefined): value is PropertyMap & { value: PropertyValue } {
  return isMap(value) && value[SIGNATURE] === SECRET;
}

/** Wraps a value so that the engine encrypts it in its state and hides it in its output. */
export function secret(value: PropertyValue): PropertyMap {
  return isSecret(value) ? value : { [SIGNATURE]: SECRET, value };
}

export function isUnknown(value: PropertyValue | undefined): boolean {
  return value === UNKNOWN || (isSecret(value) && isUnknown(value.value));
}

/** Whether a value is unknown or has an unknown anywhere inside. */
export function containsUnknown(value: PropertyValue | undefined): boolean {
  if (Array.isArray(value)) return value.some(containsUnknown);
  if (isMap(value)) return Object.values(value).some(containsUnknown);
  return value === UNKNOWN;
}

/** The same value without any secret wrapper, at whatever depth; unknowns stay. */
export function stripSecrets<T extends PropertyValue>(value: T): T;
export function stripSecrets(value: PropertyValue): PropertyValue {
  if (isSecret(value)) return stripSecrets(value.value);
  if (Array.isArray(value)) return value.map((item) => stripSecrets(item));
  if (isMap(value)) return mapValues(value, (item) => stripSecrets(item));
  return value;
}

/** The same map without the properties that are null, at whatever depth; null elements of lists stay. */
export function dropNulls<T extends PropertyValue>(value: T): T;
export function dropNulls(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map((item) => dropNulls(item));
  if (!isMap(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, dropNulls(item)]),
  );
}

/** Where the secrets of a value are: the outermost ones, in order. The whole value being secret is the empty path. */
export function secretPaths(value: PropertyValue, prefix: PropertyPath = []): PropertyPath[] {
  if (isSecret(value)) return [prefix];
  if (Array.isArray(value)) return value.flatMap((item, index) => secretPaths(item, [...prefix, index]));
  if (isMap(value)) return Object.entries(value).flatMap(([key, item]) => secretPaths(item, [...prefix, key]));
  return [];
}

/**
 * Marks the values at the given paths as secret; a path that leads nowhere is skipped. A path through a list marks
 * the list as a whole, because its elements may have moved since the path was taken.
 */
export function markSecrets<T extends PropertyValue>(value: T, paths: readonly PropertyPath[]): PropertyValue {
  return paths.reduce<PropertyValue>((marked, path) => markSecret(marked, path), value);
}

function markSecret(value: PropertyValue, path: PropertyPath): PropertyValue {
  const [head, ...rest] = path;
  if (isSecret(value)) return value;
  if (head === undefined || typeof head === "number") return value === null ? value : secret(value);
  if (!isMap(value)) return value;
  const child = value[head];
  return child === undefined || child === null ? value : { ...value, [head]: markSecret(child, rest) };
}

/** Says what a provider cannot take (asset, archive, resource reference) and where it is; undefined where all is plain data. */
export function unsupportedValue(value: PropertyValue, path = ""): string | undefined {
  if (Array.isArray(value))
    return firstOf(value.entries(), ([index, item]) => unsupportedValue(item, `${path}[${index}]`));
  if (!isMap(value)) return undefined;
  const signature = value[SIGNATURE];
  if (typeof signature === "string" && signature !== SECRET) {
    return `${path} is ${SPECIAL_VALUES[signature] ?? "a special value"}; give plain data instead`;
  }
  return firstOf(Object.entries(value), ([key, item]) => unsupportedValue(item, path === "" ? key : `${path}.${key}`));
}

function firstOf<T, R>(items: Iterable<T>, find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function mapValues<T, R>(
  map: Readonly<Record<string, T>>,
  change: (value: T, key: string) => R,
): Record<string, R> {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)]));
}

/** Reads a protobuf Struct; an absent one is the empty map. */
export function fromStruct(struct: Struct | undefined): PropertyMap {
  return struct ? struct.toJavaScript() : {};
}

/** Writes a protobuf Struct. Properties that are undefined are left out. */
export function toStruct(map: PropertyMap): Struct {
  const struct = new Struct();
  const fields = struct.getFieldsMap();
  for (const [key, value] of Object.entries(map)) {
    // A map built from optional parts holds undefined where its type promises there is none.
    if (value !== undefined) fields.set(key, toValue(value));
  }
  return struct;
}

function toValue(value: PropertyValue): Value {
  const out = new Value();
  if (value === null) return out.setNullValue(NullValue.NULL_VALUE);
  if (typeof value === "boolean") return out.setBoolValue(value);
  if (typeof value === "number") return out.setNumberValue(value);
  if (typeof value === "string") return out.setStringValue(value);
  if (Array.isArray(value)) return out.setListValue(new ListValue().setValuesList(value.map(toValue)));
  return out.setStructValue(toStruct(value));
}
