import { parseQuantity } from "../../../../pipelines/sdk/quantity";
import type { ResourceList } from "../../../kubernetes/objects";

/** A Kubernetes quantity such as "250m", "1.5Gi", "1e3" or 4 as a number. Throws where it is none. */
export function quantity(text: string | number): number {
  const amount = parseQuantity(text);
  if (amount === undefined) throw new Error(`"${text}" is not a Kubernetes quantity such as "250m" or "2Gi".`);
  return amount;
}

/** Amounts by resource name: cpu in cores, memory and storage in bytes, the rest in pieces. */
export type Amounts = Readonly<Record<string, number>>;

export function amounts(list: ResourceList | undefined): Amounts {
  return Object.fromEntries(Object.entries(list ?? {}).map(([name, value]) => [name, quantity(value)]));
}

export function sum(left: Amounts, right: Amounts): Amounts {
  return combine(left, right, (a, b) => a + b);
}

export function subtract(left: Amounts, right: Amounts): Amounts {
  return combine(left, right, (a, b) => a - b);
}

export function greatest(left: Amounts, right: Amounts): Amounts {
  return combine(left, right, Math.max);
}

function combine(left: Amounts, right: Amounts, operation: (a: number, b: number) => number): Amounts {
  const result: Record<string, number> = { ...left };
  for (const name of Object.keys(right)) result[name] = operation(left[name] ?? 0, right[name] ?? 0);
  return result;
}
