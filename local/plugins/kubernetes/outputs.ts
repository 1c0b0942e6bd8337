import { createHash } from "node:crypto";
import {
  isMap,
  isSecret,
  markSecrets,
  secretPaths,
  UNKNOWN,
  type PropertyMap,
  type PropertyPath,
  type PropertyValue,
} from "../support/values";
import { fromManifest, LAST_APPLIED, plain } from "./objects";
import { at, stringAt } from "./paths";

/** Name under which we own fields; kept in the state, because it must outlive a renamed resource. */
export const FIELD_MANAGER = "__fieldManager";
/** The inputs that led to these outputs; with the next two the official plugin's state has the same keys. */
export const INPUTS = "__inputs";
const INITIAL_API_VERSION = "__initialApiVersion";

/** Stable for a resource, different for any two: what one gives up, another may take without force. */
export function fieldManagerOf(urn: string, recorded?: PropertyMap): string {
  const known = recorded && stringAt(recorded, [FIELD_MANAGER]);
  return known ?? `pulumi-kubernetes-${createHash("sha256").update(urn).digest("hex").slice(0, 8)}`;
}

/** The state of a resource: the live object, what was asked for, and who owns it. Secrets are marked again. */
export function outputsOf(live: PropertyMap, inputs: PropertyMap, fieldManager: string): PropertyMap {
  const secrets = [...secretPaths(inputs), ...alwaysSecret(inputs)];
  return {
    ...(markSecrets(fromManifest(live), secrets) as PropertyMap),
    [INPUTS]: markSecrets(inputs, alwaysSecret(inputs)),
    [INITIAL_API_VERSION]: stringAt(plain(inputs), ["apiVersion"]) ?? "",
    [FIELD_MANAGER]: fieldManager,
  };
}

/** Inputs read from the cluster, with the same properties secret as before. */
export function withSecretsOf(inputs: PropertyMap, original: PropertyMap): PropertyMap {
  return markSecrets(inputs, [...secretPaths(original), ...alwaysSecret(inputs)]) as PropertyMap;
}

function alwaysSecret(inputs: PropertyMap): PropertyPath[] {
  if (inputs["kind"] !== "Secret") return [];
  return [["data"], ["stringData"], ["metadata", "annotations", LAST_APPLIED]];
}

/** Fields that only a real write settles; in a preview they are unknown wherever the dry run made them up. */
const SETTLED_BY_CREATE: readonly PropertyPath[] = [
  ["metadata", "uid"],
  ["metadata", "creationTimestamp"],
  ["metadata", "resourceVersion"],
  ["metadata", "generation"],
  ["status"],
  ["spec", "clusterIP"],
  ["spec", "clusterIPs"],
  ["spec", "volumeName"],
];
const SETTLED_BY_UPDATE: readonly PropertyPath[] = [
  ["metadata", "resourceVersion"],
  ["metadata", "generation"],
];

/** The outputs that a preview of a create promises, from the object of its dry run or from the inputs alone. */
export function previewOfCreate(object: PropertyMap, inputs: PropertyMap, fieldManager: string): PropertyMap {
  const wanted = plain(inputs);
  const open = SETTLED_BY_CREATE.filter((path) => at(wanted, path) === undefined && mayHave(wanted, path));
  return outputsOf(withUnknownNodePorts(unknownAt(object, open), wanted), inputs, fieldManager);
}

/** The outputs that a preview of an update promises. */
export function previewOfUpdate(object: PropertyMap, inputs: PropertyMap, fieldManager: string): PropertyMap {
  return outputsOf(unknownAt(object, SETTLED_BY_UPDATE), inputs, fieldManager);
}

/** Some fields exist in one kind only; a ConfigMap must not seem to get a cluster address. */
function mayHave(wanted: PropertyMap, path: PropertyPath): boolean {
  const [top, field = ""] = path;
  if (top !== "spec") return true;
  const owner = field === "volumeName" ? "PersistentVolumeClaim" : "Service";
  return wanted["kind"] === owner;
}

function unknownAt(object: PropertyMap, paths: readonly PropertyPath[]): PropertyMap {
  const result: PropertyMap = { ...object };
  for (const [top, field] of paths as [string, string?][]) {
    const parent = result[top];
    if (field === undefined) result[top] = UNKNOWN;
    else if (parent === undefined || isMap(parent)) result[top] = { ...parent, [field]: UNKNOWN };
  }
  return result;
}

function withUnknownNodePorts(object: PropertyMap, wanted: PropertyMap): PropertyMap {
  const { spec } = object;
  if (wanted["kind"] !== "Service" || !isMap(spec) || isSecret(spec) || !Array.isArray(spec["ports"])) return object;
  const ports = spec["ports"].map((port: PropertyValue, index) =>
    isMap(port) && port["nodePort"] !== undefined && at(wanted, ["spec", "ports", index, "nodePort"]) === undefined
      ? { ...port, nodePort: UNKNOWN }
      : port,
  );
  return { ...object, spec: { ...spec, ports } };
}
