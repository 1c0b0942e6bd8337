import type { PropertyMap } from "../../support/values";
import { at, listAt, numberAt, stringAt } from "../paths";

/** Whether an object is what its user waits for. A failed one will not become so by itself. */
export type Verdict =
  | { readonly state: "ready" }
  | { readonly state: "waiting"; readonly reason: string }
  | { readonly state: "failed"; readonly reason: string };

export const READY: Verdict = { state: "ready" };

export function waiting(reason: string): Verdict {
  return { state: "waiting", reason };
}

export function failed(reason: string): Verdict {
  return { state: "failed", reason };
}

export interface Condition {
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export function condition(object: PropertyMap, type: string): Condition | undefined {
  const found = listAt(object, ["status", "conditions"]).find((item) => at(item, ["type"]) === type);
  if (found === undefined) return undefined;
  return {
    status: stringAt(found, ["status"]) ?? "Unknown",
    reason: stringAt(found, ["reason"]) ?? "",
    message: stringAt(found, ["message"]) ?? "",
  };
}

export function isTrue(object: PropertyMap, type: string): boolean {
  return condition(object, type)?.status === "True";
}

/** Reason and message of a condition as one text. */
export function textOf({ reason, message }: Condition): string {
  return [reason, message].filter((part) => part !== "").join(": ") || "no reason given";
}

/** The controller has not looked at the latest change yet, so its status speaks of an older one. */
export function isStale(object: PropertyMap): boolean {
  return numberAt(object, ["status", "observedGeneration"]) < numberAt(object, ["metadata", "generation"]);
}
