import type { Json } from "../model";
import { shown, typeFault } from "../ir/parameter-types";
import type { ParameterType } from "../ir/pipeline-spec";
import { textOf } from "./value-text";

/**
 * A value as an input of this type takes it: a text that has the form of the type is read, any value becomes text.
 * @throws Error, the rest of a sentence, where it has not that form
 */
export function coerce(value: Json, type: ParameterType): Json {
  if (type === "STRING") return textOf(value);
  const read = typeof value === "string" ? parsed(value, type) : value;
  const fault = read === undefined ? `${shown(value)} is no ${type}` : typeFault(read, type);
  if (fault) throw new Error(fault);
  return read ?? null;
}

/** Reads what a step wrote into an output file; all but text loses the blanks around it. @throws as `coerce` */
export function parseOutput(text: string, type: ParameterType): Json {
  if (type === "STRING") return text;
  const trimmed = text.trim();
  const value = parsed(trimmed, type);
  const fault = value === undefined ? `${shown(trimmed)} is no ${type}` : typeFault(value, type);
  if (fault) throw new Error(fault);
  return value ?? null;
}

function parsed(text: string, type: ParameterType): Json | undefined {
  switch (type) {
    case "NUMBER_INTEGER":
      return /^[+-]?\d+(\.0+)?$/.test(text) ? Number(text) : undefined;
    case "NUMBER_DOUBLE":
      return text !== "" && Number.isFinite(Number(text)) ? Number(text) : undefined;
    case "BOOLEAN":
      return /^true$/i.test(text) ? true : /^false$/i.test(text) ? false : undefined;
    default:
      try {
        return JSON.parse(text) as Json;
      } catch {
        return undefined;
      }
  }
}
