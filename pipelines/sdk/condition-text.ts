import type { Compared, Expression } from "./conditions";
import type { Json, ParameterType } from "./types";
import type { ParameterReference } from "./values";

/** A condition in the backend's language (CEL), with each value as the input that `inputOf` gives it. */
export function conditionText(expression: Expression, inputOf: (reference: ParameterReference) => string): string {
  switch (expression.operator) {
    case "and":
    case "or": {
      const terms = expression.terms.map((term) => `(${conditionText(term, inputOf)})`);
      return terms.join(expression.operator === "and" ? " && " : " || ");
    }
    case "not":
      return `!(${conditionText(expression.term, inputOf)})`;
    default: {
      const { left, operator, right } = expression;
      const other = "constant" in right ? constant(right.constant, left.parameterType) : operand(right, inputOf(right));
      return `${operand(left, inputOf(left))} ${operator} ${other}`;
    }
  }
}

// All numbers reach CEL as doubles; a whole number compares with an integer only once it is one.
const operand = ({ parameterType }: ParameterReference, input: string) =>
  parameterType === "NUMBER_INTEGER"
    ? `int(inputs.parameter_values['${input}'])`
    : `inputs.parameter_values['${input}']`;

function constant(value: Json, type: ParameterType): string {
  if (typeof value === "string")
    return `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
  const text = JSON.stringify(value);
  return type === "NUMBER_DOUBLE" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** Every comparison in a condition. */
export function comparisons(expression: Expression): readonly Compared[] {
  switch (expression.operator) {
    case "and":
    case "or":
      return expression.terms.flatMap(comparisons);
    case "not":
      return comparisons(expression.term);
    default:
      return [expression];
  }
}
