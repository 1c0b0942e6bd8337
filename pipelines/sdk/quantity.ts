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
const QUANTITY = /^([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)([numkMGTPE]|[KMGTPE]i)?$/;

/** Whether one quantity is more than another; where one of them is none, nothing is. */
export function exceeds(value: string | undefined, other: string | undefined): boolean {
  return (parseQuantity(value ?? "") ?? NaN) > (parseQuantity(other ?? "") ?? NaN);
}

/** A Kubernetes quantity such as "250m", "1.5Gi", "1e3" or 4 in units of one; undefined where it is none. */
export function parseQuantity(value: string | number): number | undefined {
  if (typeof value === "number") return value;
  const match = QUANTITY.exec(value);
  return match ? Number(match[1]) * (FACTORS[match[2] ?? ""] ?? NaN) : undefined;
}
