/** Where the shape of an answer differs from the recorded one. */
export interface Difference {
  /** Such as `clusters[].upgrade_available`. */
  readonly path: string;
  readonly what: string;
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Maps whose keys the caller or the node's own Kubernetes chooses. */
const FREE = new Set(["labels", "kubelet_args", "conditions"]);
/** Of whom something is: exactly one of them is there. */
const BEARERS = ["application_id", "group_id", "user_id", "no_principal"];
/** New and not everywhere; the provider does not read it. */
const IGNORED = new Set(["srn"]);

/**
 * Differences of keys and types. Null agrees with everything, and so does an empty list; of lists the first elements are
 * compared, since an account holds more than a recording knows.
 */
export function differences(recorded: unknown, ours: unknown, path = ""): Difference[] {
  if (recorded === null || ours === null || recorded === undefined) return [];
  if (typeOf(recorded) !== typeOf(ours)) return [{ path, what: `is ${typeOf(ours)}, not ${typeOf(recorded)}` }];
  if (Array.isArray(recorded) && Array.isArray(ours)) {
    if (recorded.length === 0 || ours.length === 0) return [];
    return differences(recorded[0], ours[0], `${path}[]`);
  }
  if (!isObject(recorded) || !isObject(ours)) return [];
  return Object.entries(recorded).flatMap(([key, value]) => {
    const at = path === "" ? key : `${path}.${key}`;
    if (FREE.has(key) || IGNORED.has(key)) return [];
    if (BEARERS.includes(key) && BEARERS.some((each) => ours[each] !== undefined)) return [];
    return key in ours ? differences(value, ours[key], at) : [{ path: at, what: "is missing" }];
  });
}

const typeOf = (value: unknown): string => (Array.isArray(value) ? "list" : value === null ? "null" : typeof value);
