import { isMap, type PropertyMap, type PropertyValue } from "../support/values";
import { withStringData } from "./objects";
import { equal, stringAt } from "./paths";

/**
 * The inputs with what somebody changed in the cluster since the object was last recorded. Only fields that are among
 * the inputs count, and only if their live value moved: what the server defaults or rewrites (`1000m` to `1`) did not.
 *
 * @param recorded live object as the state has it
 * @returns the very same inputs where nothing moved
 */
export function driftedInputs(inputs: PropertyMap, recorded: PropertyMap, live: PropertyMap): PropertyMap {
  if (inputs["kind"] !== "Secret") return driftedMap(inputs, recorded, live);
  return driftedMap(inputs, withStringData(recorded), withStringData(live));
}

function drifted(
  input: PropertyValue,
  recorded: PropertyValue | undefined,
  live: PropertyValue | undefined,
): PropertyValue | undefined {
  if (equal(recorded, live)) return input;
  if (live === undefined) return undefined;
  if (isMap(input) && isMap(live)) return driftedMap(input, isMap(recorded) ? recorded : {}, live);
  if (Array.isArray(input) && Array.isArray(live))
    return driftedList(input, Array.isArray(recorded) ? recorded : [], live);
  return live;
}

function driftedMap(input: PropertyMap, recorded: PropertyMap, live: PropertyMap): PropertyMap {
  const result: PropertyMap = {};
  for (const [key, item] of Object.entries(input)) {
    const value = drifted(item, recorded[key], live[key]);
    if (value !== undefined) result[key] = value;
  }
  return equal(result, input) ? input : result;
}

function driftedList(input: PropertyValue[], recorded: PropertyValue[], live: PropertyValue[]): PropertyValue {
  const named = (list: PropertyValue[]) => list.every((item) => stringAt(item, ["name"]) !== undefined);
  if (named(input) && named(live)) {
    // Containers, ports, variables: an element is known by its name; those that others added are theirs.
    const find = (list: PropertyValue[], item: PropertyValue) =>
      list.find((other) => stringAt(other, ["name"]) === stringAt(item, ["name"]));
    return input.flatMap((item) => drifted(item, find(recorded, item), find(live, item)) ?? []);
  }
  const aligned = input.length === recorded.length && input.length === live.length;
  return aligned ? input.flatMap((item, index) => drifted(item, recorded[index], live[index]) ?? []) : live;
}
