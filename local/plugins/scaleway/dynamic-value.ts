import { decode, encode, ExtensionCodec } from "@msgpack/msgpack";
import type { DynamicValue } from "./protocol";

/** Stands for a value that only applying will know. */
export class Unknown {
  // Without a member of its own the class would be the type of everything.
  readonly unknown = true;
}
export const UNKNOWN_VALUE = new Unknown();

/** A value in the provider's own terms: objects have every field, null where there is nothing. */
export type Value = null | boolean | number | string | Unknown | Value[] | ValueMap;
export interface ValueMap {
  [name: string]: Value;
}

export function isValueMap(value: Value | undefined): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Unknown);
}

/** Unknown values are an extension of type 0; type 12 is an unknown of which something is known. */
const UNKNOWN_TYPE = 0;
const REFINED_UNKNOWN_TYPE = 12;
const codec = new ExtensionCodec();
codec.register({
  type: UNKNOWN_TYPE,
  encode: (value) => (value instanceof Unknown ? Uint8Array.of(0) : null),
  decode: () => UNKNOWN_VALUE,
});
codec.register({ type: REFINED_UNKNOWN_TYPE, encode: () => null, decode: () => UNKNOWN_VALUE });

export function encodeValue(value: Value): DynamicValue {
  return { msgpack: Buffer.from(encode(value, { extensionCodec: codec })) };
}

/** An absent value is null. */
export function decodeValue(value: DynamicValue | null): Value {
  if (!value || value.msgpack.length === 0) return null;
  return decode(value.msgpack, { extensionCodec: codec }) as Value;
}
