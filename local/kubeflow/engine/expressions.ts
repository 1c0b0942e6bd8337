import { Environment } from "@marcbachmann/cel-js";
import type { Json, JsonObject } from "../model";

/**
 * Conditions and selectors of the IR are CEL with one function more. Numbers are doubles in it, as in the proto
 * values that the real backend evaluates over; `int(…)` makes them whole.
 */
const environment = new Environment({ unlistedVariablesAreDyn: true }).registerFunction(
  "parseJson(string): dyn",
  (text: string) => JSON.parse(text) as unknown,
);

/** Inputs of a task that its condition names. */
export function conditionInputs(condition: string): string[] {
  const names = condition.matchAll(/inputs\.parameter(?:_value)?s\[\s*(?:'([^']*)'|"([^"]*)")\s*\]/g);
  return [...names].map(([, single, double]) => single ?? double ?? "");
}

/** @throws Error, in a sentence, where the text is no expression */
export function checkExpression(expression: string): void {
  try {
    environment.parse(expression);
  } catch (error) {
    throw new Error(`"${expression}" is not an expression: ${firstLine(error)}`, { cause: error });
  }
}

/** Whether a condition holds over the resolved inputs of its task. @throws Error, in a sentence */
export function holds(condition: string, parameters: JsonObject): boolean {
  const value = evaluate(condition, {
    inputs: { parameter_values: parameters, parameters: valuesByType(parameters) },
  });
  if (typeof value !== "boolean") throw new Error(`The condition "${condition}" is neither true nor false.`);
  return value;
}

/** The part of a value that a selector such as `parseJson(string_value)["a"]` names. @throws Error, in a sentence */
export function select(value: Json, selector: string): Json {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return plain(evaluate(selector, { ...typed(value), string_value: text }));
}

function evaluate(expression: string, context: Record<string, unknown>): unknown {
  try {
    return environment.evaluate(expression, context);
  } catch (error) {
    throw new Error(`The expression "${expression}" cannot be evaluated: ${firstLine(error)}.`, { cause: error });
  }
}

/** The first schema version wrote `inputs.parameters['n'].string_value`. */
function valuesByType(parameters: JsonObject): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, typed(value)]));
}

function typed(value: Json): Record<string, unknown> {
  if (typeof value === "string") return { string_value: value };
  if (typeof value === "boolean") return { bool_value: value };
  if (typeof value === "number")
    return { number_value: value, double_value: value, int_value: Number.isInteger(value) ? BigInt(value) : undefined };
  return Array.isArray(value) ? { list_value: value } : { struct_value: value };
}

/** Whole numbers of the language are bigints, which JSON has not. */
function plain(value: unknown): Json {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [String(key), plain(item)]));
  if (typeof value === "object" && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
  return value as Json;
}

function firstLine(error: unknown): string {
  return (error as Error).message.split("\n")[0] ?? "";
}
