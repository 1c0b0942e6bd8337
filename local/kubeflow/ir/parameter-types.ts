import type { Json } from "../model";
import type { ParameterType } from "./pipeline-spec";

/** What is wrong with a value of a parameter of this type, as the rest of a sentence; undefined where it fits. */
export function typeFault(value: Json, type: ParameterType): string | undefined {
  switch (type) {
    case "STRING":
      return typeof value === "string" ? undefined : `${shown(value)} must be a string`;
    case "NUMBER_INTEGER":
      return Number.isInteger(value) ? undefined : `${shown(value)} must be a whole number`;
    case "NUMBER_DOUBLE":
      return typeof value === "number" ? undefined : `${shown(value)} must be a number`;
    case "BOOLEAN":
      return typeof value === "boolean" ? undefined : `${shown(value)} must be true or false`;
    case "LIST":
      return Array.isArray(value) ? undefined : `${shown(value)} must be a list`;
    case "STRUCT":
    case "TASK_FINAL_STATUS":
      return typeof value === "object" && value !== null && !Array.isArray(value)
        ? undefined
        : `${shown(value)} must be an object`;
  }
}

/** A value in a sentence, cut where it is long. */
export function shown(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
