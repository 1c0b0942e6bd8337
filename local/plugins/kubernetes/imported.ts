import { isMap, type PropertyMap, type PropertyValue } from "../support/values";
import { LAST_APPLIED, withStringData } from "./objects";
import { isQuantity, quantity } from "./quantity";

/** Mark in the outputs of an object that was read and not yet written by us. */
export const IMPORTED = "__imported";

/** Fields that the server writes and no program gives. */
const SERVER_METADATA = [
  "creationTimestamp",
  "deletionGracePeriodSeconds",
  "deletionTimestamp",
  "generation",
  "managedFields",
  "resourceVersion",
  "selfLink",
  "uid",
];

/** A live object as a program might have declared it. */
export function inputsOfLive(live: PropertyMap): PropertyMap {
  const { metadata } = live;
  const declared = isMap(metadata) ? without(metadata, SERVER_METADATA) : {};
  if (isMap(declared["annotations"])) declared["annotations"] = without(declared["annotations"], [LAST_APPLIED]);
  return { ...without(live, ["status"]), metadata: declared };
}

function without(map: PropertyMap, keys: readonly string[]): PropertyMap {
  return Object.fromEntries(Object.entries(map).filter(([key]) => !keys.includes(key)));
}

/**
 * What a freshly imported object says about the fields that the program gives. Fields that the program leaves to
 * Kubernetes are no difference, nor are other spellings of the same amount; without this every import would differ.
 */
export function asDeclared(live: PropertyMap, news: PropertyMap): PropertyMap {
  return projectedMap(news["kind"] === "Secret" ? withStringData(live) : live, news);
}

function projectedMap(live: PropertyMap, wanted: PropertyMap): PropertyMap {
  const shared = Object.entries(wanted).flatMap(([key, item]) => {
    const value = live[key];
    return value === undefined ? [] : [[key, projected(value, item)] as const];
  });
  return Object.fromEntries(shared);
}

function projected(live: PropertyValue, wanted: PropertyValue): PropertyValue {
  if (isMap(live) && isMap(wanted)) return projectedMap(live, wanted);
  if (Array.isArray(live) && Array.isArray(wanted)) {
    return live.map((item, index) => (wanted[index] === undefined ? item : projected(item, wanted[index])));
  }
  return isQuantity(live) && isQuantity(wanted) && quantity(live) === quantity(wanted) ? wanted : live;
}
