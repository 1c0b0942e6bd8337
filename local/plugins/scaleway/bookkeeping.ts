import type { PropertyMap } from "../support/values";
import type { Identity } from "./protocol";

/** What the provider wants kept beside a state and handed back with it. */
export interface Bookkeeping {
  /** Opaque, though in practice JSON: time limits and the version of the state. */
  readonly private: Buffer;
  readonly identity: Identity | null;
  /** Version of the schema by which the state was written. */
  readonly schemaVersion: number;
}

/** Output that holds it. The official plugin keeps the same kind of JSON under this name. */
export const META = "__meta";
/** Key of the time limits in the provider's private data (terraform-plugin-sdk, `schema.TimeoutKey`). */
const TIMEOUTS = "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0";
const NANOSECONDS = 1e9;

export function writeBookkeeping({ private: bytes, identity, schemaVersion }: Bookkeeping): PropertyMap {
  const meta = {
    schema_version: String(schemaVersion),
    ...(bytes.length > 0 ? { private: bytes.toString("base64") } : {}),
    ...(identity?.identity_data ? { identity: identity.identity_data.msgpack.toString("base64") } : {}),
  };
  return { [META]: JSON.stringify(meta) };
}

export function readBookkeeping(outputs: PropertyMap): Bookkeeping {
  const text = outputs[META];
  const meta = (typeof text === "string" ? JSON.parse(text) : {}) as Record<string, unknown>;
  const { private: bytes, identity, schema_version: version, ...rest } = meta;
  return {
    // A state of the official plugin has the provider's JSON itself here.
    private: typeof bytes === "string" ? Buffer.from(bytes, "base64") : privateOf(version, rest),
    identity: typeof identity === "string" ? { identity_data: { msgpack: Buffer.from(identity, "base64") } } : null,
    schemaVersion: Number(version ?? 0),
  };
}

function privateOf(version: unknown, rest: Record<string, unknown>): Buffer {
  if (Object.keys(rest).length === 0) return Buffer.alloc(0);
  return Buffer.from(JSON.stringify(version === undefined ? rest : { ...rest, schema_version: version }));
}

/** The private data with another time limit for deletions: a deletion has no configuration that could say it. */
export function withDeleteTimeout(bytes: Buffer, seconds: number): Buffer {
  const data = (bytes.length > 0 ? JSON.parse(bytes.toString("utf8")) : {}) as Record<string, unknown>;
  const timeouts = (data[TIMEOUTS] ?? {}) as Record<string, number>;
  return Buffer.from(JSON.stringify({ ...data, [TIMEOUTS]: { ...timeouts, delete: seconds * NANOSECONDS } }));
}
