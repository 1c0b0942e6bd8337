import { parseQuantity } from "../../../pipelines/sdk/quantity";
import type { PropertyValue } from "../support/values";

/** Whether a value is an amount as Kubernetes writes them: `1`, `"500m"`, `"10Gi"`, `"1e3"`. */
export function isQuantity(value: PropertyValue | undefined): value is string | number {
  return (typeof value === "number" || typeof value === "string") && parseQuantity(value) !== undefined;
}

/** The amount in units of one (cores, bytes, pieces). NaN for what is no quantity. */
export function quantity(value: string | number): number {
  return parseQuantity(value) ?? NaN;
}
