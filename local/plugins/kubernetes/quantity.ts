import type { PropertyValue } from "../support/values";

const SUFFIXES: Readonly<Record<string, number>> = {
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
const QUANTITY = /^([+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/;

/** Whether a value is an amount as Kubernetes writes them: `1`, `"500m"`, `"10Gi"`, `"1e3"`. */
export function isQuantity(value: PropertyValue | undefined): value is string | number {
  return typeof value === "number" || (typeof value === "string" && QUANTITY.test(value));
}

/** The amount in units of one (cores, bytes, pieces). NaN for what is no quantity. */
export function quantity(value: string | number): number {
  if (typeof value === "number") return value;
  const [, digits = "", suffix = ""] = QUANTITY.exec(value) ?? [];
  return Number(digits === "" ? NaN : digits) * (SUFFIXES[suffix] ?? NaN);
}
