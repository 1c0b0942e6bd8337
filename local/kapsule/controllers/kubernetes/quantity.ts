import type { ResourceList } from "./objects";

const FACTORS: Readonly<Record<string, number>> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

/** A Kubernetes quantity such as "250m", "1.5Gi", "1e3" or 4 as a number. Throws where it is none. */
export function quantity(text: string | number): number {
  if (typeof text === "number") return text;
  const match = /^([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/.exec(text);
  const factor = FACTORS[match?.[2] ?? ""];
  if (!match || factor === undefined)
    throw new Error(`"${text}" is not a Kubernetes quantity such as "250m" or "2Gi".`);
  return Number(match[1]) * factor;
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
