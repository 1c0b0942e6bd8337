import type { Json } from "./types";
import type { ParameterReference } from "./values";

export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=";

/** It has one value of the pipeline at least; a constant beside it has that value's type. */
export interface Compared {
  readonly operator: Comparison;
  readonly left: ParameterReference;
  readonly right: ParameterReference | { readonly constant: Json };
}

export type Expression =
  | Compared
  | { readonly operator: "and" | "or"; readonly terms: readonly Expression[] }
  | { readonly operator: "not"; readonly term: Expression };

/** What decides whether the steps of `when` run. */
export class Condition {
  constructor(readonly expression: Expression) {}
}

export const and = (...conditions: readonly [Condition, Condition, ...Condition[]]): Condition =>
  new Condition({ operator: "and", terms: conditions.map(({ expression }) => expression) });

export const or = (...conditions: readonly [Condition, Condition, ...Condition[]]): Condition =>
  new Condition({ operator: "or", terms: conditions.map(({ expression }) => expression) });

export const not = (condition: Condition): Condition => new Condition({ operator: "not", term: condition.expression });
