import { isMap, isUnknown, type PropertyMap, type PropertyPath, type PropertyValue } from "../support/values";
import { equal } from "./paths";

/** One difference between two sets of inputs, as deep as it can be told. */
export interface Change {
  readonly path: PropertyPath;
  readonly kind: "add" | "delete" | "update";
}

/** What leads from old to new inputs. Lists are compared by position; an unknown differs from everything. */
export function changesBetween(olds: PropertyMap, news: PropertyMap): Change[] {
  return mapChanges(olds, news, []);
}

function mapChanges(olds: PropertyMap, news: PropertyMap, path: PropertyPath): Change[] {
  const keys = [...new Set([...Object.keys(olds), ...Object.keys(news)])];
  return keys.flatMap((key) => valueChanges(olds[key], news[key], [...path, key]));
}

function valueChanges(
  before: PropertyValue | undefined,
  after: PropertyValue | undefined,
  path: PropertyPath,
): Change[] {
  if (after === undefined) return before === undefined ? [] : [{ path, kind: "delete" }];
  if (before === undefined) return [{ path, kind: "add" }];
  if (isUnknown(after)) return [{ path, kind: "update" }];
  if (isMap(before) && isMap(after)) return mapChanges(before, after, path);
  if (Array.isArray(before) && Array.isArray(after)) {
    const length = Math.max(before.length, after.length);
    return Array.from({ length }, (_, index) => index).flatMap((index) =>
      valueChanges(before[index], after[index], [...path, index]),
    );
  }
  return equal(before, after) ? [] : [{ path, kind: "update" }];
}
