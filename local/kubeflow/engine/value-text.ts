import type { Json } from "../model";

/**
 * A value as it stands in a command, byte for byte as the real backend writes it: strings as they are, whole numbers
 * without a fraction, lists and objects as JSON with sorted keys and Go's escapes.
 */
export function textOf(value: Json): string {
  if (typeof value === "string") return value;
  if (typeof value === "number") return numberText(value);
  return goJson(value);
}

/** JSON as Go's encoder writes it. */
export function goJson(value: Json): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return escaped(JSON.stringify(value));
  if (Array.isArray(value)) return `[${value.map(goJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    const entries = Object.keys(value).sort();
    return `{${entries.map((key) => `${escaped(JSON.stringify(key))}:${goJson(value[key] ?? null)}`).join(",")}}`;
  }
  return String(value);
}

/** Digits without an exponent. */
function numberText(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d+)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  if (point <= 0) return `${sign}0.${"0".repeat(-point)}${digits}`;
  return sign + digits.padEnd(point, "0");
}

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

function escaped(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character] ?? character);
}
