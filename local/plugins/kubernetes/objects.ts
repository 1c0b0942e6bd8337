import { dropNulls, isMap, mapValues, stripSecrets, type PropertyMap, type PropertyValue } from "../support/values";
import { at, stringAt } from "./paths";

/** Marks a name that this plugin chose: `"true"`. */
export const AUTONAMED = "pulumi.com/autonamed";
/** `"true"`: do not wait until the object is ready, or until it is gone. */
export const SKIP_AWAIT = "pulumi.com/skipAwait";
/** `"true"`: take over fields that another field manager owns. */
export const PATCH_FORCE = "pulumi.com/patchForce";
/** `foreground` (default), `background` or `orphan`. */
export const DELETION_PROPAGATION = "pulumi.com/deletionPropagationPolicy";
/** Written by `kubectl apply`; repeats the whole object. */
export const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** What an object is and where; name and namespace are undefined while unknown or not given. */
export interface Identity {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string | undefined;
  readonly namespace: string | undefined;
}

export function identityOf(object: PropertyMap): Identity {
  return {
    apiVersion: stringAt(object, ["apiVersion"]) ?? "",
    kind: stringAt(object, ["kind"]) ?? "",
    name: stringAt(object, ["metadata", "name"]),
    namespace: stringAt(object, ["metadata", "namespace"]),
  };
}

export function annotation(object: PropertyMap, key: string): string | undefined {
  return stringAt(object, ["metadata", "annotations", key]);
}

export function isAnnotated(object: PropertyMap, key: string): boolean {
  const value = at(object, ["metadata", "annotations", key]);
  return value === "true" || value === true;
}

/** How messages call an object: `Deployment "books/serving"`. */
export function describe(object: PropertyMap): string {
  const { kind, name, namespace } = identityOf(object);
  return `${kind} "${namespace === undefined ? "" : `${namespace}/`}${name ?? "?"}"`;
}

/** Pulumi's id of an object: `namespace/name`, or `name` of a cluster-scoped one. */
export function idOf(object: PropertyMap): string {
  const { name = "", namespace } = identityOf(object);
  return namespace === undefined ? name : `${namespace}/${name}`;
}

export function parseId(id: string): { readonly namespace: string | undefined; readonly name: string } {
  const slash = id.indexOf("/");
  return slash < 0 ? { namespace: undefined, name: id } : { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

/** Inputs as plain data: no secret wrappers, no nulls; unknowns stay. */
export function plain(properties: PropertyMap): PropertyMap {
  return dropNulls(stripSecrets(properties));
}

/**
 * Inputs as the API server reads them. The SDK spells the extension keys of a CRD's schema as identifiers
 * (`x_kubernetes_list_type`), Kubernetes with dashes.
 */
export function toManifest(inputs: PropertyMap): PropertyMap {
  return isCustomResourceDefinition(inputs) ? (renameKeys(inputs, /^x_kubernetes_/, "_", "-") as PropertyMap) : inputs;
}

/** The opposite of {@link toManifest}, without what changes at every write. */
export function fromManifest(live: PropertyMap): PropertyMap {
  const metadata = isMap(live["metadata"]) ? { ...live["metadata"] } : {};
  delete metadata["managedFields"];
  const object = { ...live, metadata };
  return isCustomResourceDefinition(live) ? (renameKeys(object, /^x-kubernetes-/, "-", "_") as PropertyMap) : object;
}

/** A live Secret as it was written: `stringData` is never read back, it shows encoded under `data`. */
export function withStringData(secret: PropertyMap): PropertyMap {
  const data = secret["data"];
  if (!isMap(data)) return secret;
  const decoded = mapValues(data, (item) =>
    Buffer.from(typeof item === "string" ? item : "", "base64").toString("utf8"),
  );
  return { ...secret, stringData: decoded };
}

function isCustomResourceDefinition(object: PropertyMap): boolean {
  return object["kind"] === "CustomResourceDefinition";
}

function renameKeys(value: PropertyValue, keys: RegExp, from: string, to: string): PropertyValue {
  if (Array.isArray(value)) return value.map((item) => renameKeys(item, keys, from, to));
  if (!isMap(value)) return value;
  const renamed = mapValues(value, (item) => renameKeys(item, keys, from, to));
  return Object.fromEntries(
    Object.entries(renamed).map(([key, item]) => [keys.test(key) ? key.replaceAll(from, to) : key, item]),
  );
}
