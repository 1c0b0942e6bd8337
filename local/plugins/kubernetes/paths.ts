import { isMap, type PropertyPath, type PropertyValue } from "../support/values";

/** The value at a path, undefined where the path leads nowhere. */
export function at(value: PropertyValue | undefined, path: PropertyPath): PropertyValue | undefined {
  let current = value;
  for (const step of path) {
    if (typeof step === "number") current = Array.isArray(current) ? current[step] : undefined;
    else current = isMap(current) && Object.hasOwn(current, step) ? current[step] : undefined;
  }
  return current;
}

/** The string at a path; undefined where there is none or something else. */
export function stringAt(value: PropertyValue | undefined, path: PropertyPath): string | undefined {
  const found = at(value, path);
  return typeof found === "string" ? found : undefined;
}

/** The number at a path; `otherwise` where there is none. */
export function numberAt(value: PropertyValue | undefined, path: PropertyPath, otherwise = 0): number {
  const found = at(value, path);
  return typeof found === "number" ? found : otherwise;
}

/** The list at a path; empty where there is none. */
export function listAt(value: PropertyValue | undefined, path: PropertyPath): PropertyValue[] {
  const found = at(value, path);
  return Array.isArray(found) ? found : [];
}

/** The same value with another one at the path; maps on the way are made, lists are not. */
export function withValueAt(value: PropertyValue, path: PropertyPath, replacement: PropertyValue): PropertyValue {
  const [head, ...rest] = path;
  if (head === undefined) return replacement;
  if (typeof head === "number") {
    if (!Array.isArray(value)) return value;
    return value.map((item, index) => (index === head ? withValueAt(item, rest, replacement) : item));
  }
  const map = isMap(value) ? value : {};
  return { ...map, [head]: withValueAt(map[head] ?? {}, rest, replacement) };
}

/** Whether two values are the same data; the order of keys does not matter. */
export function equal(left: PropertyValue | undefined, right: PropertyValue | undefined): boolean {
  if (left === right) return true;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) && left.length === right.length && left.every((item, index) => equal(item, right[index]))
    );
  }
  if (!isMap(left) || !isMap(right)) return false;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && equal(left[key], right[key]))
  );
}

/** A path as Pulumi writes it: `spec.containers[0].image`, `metadata.annotations["pulumi.com/skipAwait"]`. */
export function formatPath(path: PropertyPath): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === "number") return `${text}[${step}]`;
    if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === "" ? step : `${text}.${step}`;
  }, "");
}
