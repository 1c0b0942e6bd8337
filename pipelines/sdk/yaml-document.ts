import type { Json } from "./types";

/**
 * Block YAML that every reader takes for the same content. Kubeflow's are of YAML 1.1, where `off` is a boolean and
 * `12:30` a number, others of 1.2: what either could mistake is written as a JSON string, which both know.
 */
export function yamlDocument(content: { readonly [key: string]: Json }): string {
  const lines: string[] = [];
  if (!isFilled(content)) return "{}\n";
  writeObject(Object.entries(content), "", "", lines);
  return `${lines.join("\n")}\n`;
}

function writeObject(
  entries: readonly (readonly [string, Json])[],
  first: string,
  indent: string,
  lines: string[],
): void {
  let lead = first;
  for (const [key, value] of entries) {
    writeValue(`${lead}${text(key)}:`, value, indent, lines);
    lead = indent;
  }
}

/** `head` is what stands before the value on its line. */
function writeValue(head: string, value: Json, indent: string, lines: string[]): void {
  if (Array.isArray(value) && value.length > 0) {
    lines.push(head);
    for (const item of value as readonly Json[]) writeItem(item, indent, lines);
  } else if (isFilled(value)) {
    lines.push(head);
    writeObject(Object.entries(value), `${indent}  `, `${indent}  `, lines);
  } else {
    lines.push(`${head} ${scalar(value)}`);
  }
}

function writeItem(item: Json, indent: string, lines: string[]): void {
  if (isFilled(item)) writeObject(Object.entries(item), `${indent}- `, `${indent}  `, lines);
  else if (Array.isArray(item) && item.length > 0) writeValue(`${indent}-`, item, `${indent}  `, lines);
  else lines.push(`${indent}- ${scalar(item)}`);
}

const isFilled = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;

/** Strings, numbers, booleans, null, and what is empty. */
function scalar(value: Json): string {
  if (typeof value === "string") return text(value);
  // 1e-7 is a string to YAML 1.1: it wants a point.
  const written = JSON.stringify(value);
  return typeof value === "number" ? written.replace(/^(-?\d+)e/, "$1.0e") : written;
}

/** Words that a reader takes for something else; some of YAML 1.1 take an exponent alone for a number. */
const WORDS = /^(y|n|yes|no|on|off|true|false|null|nan|inf|e-?\d+)$/i;

function text(value: string): string {
  // A letter first and nothing but letters, digits and harmless signs: no reader takes that for anything but a string.
  if (/^[A-Za-z][A-Za-z0-9_./-]*$/.test(value) && !WORDS.test(value)) return value;
  return JSON.stringify(value).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
