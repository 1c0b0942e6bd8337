import type { Json, JsonObject } from "../../model";

/** What a pipeline can be told. */
export interface Parameter {
  readonly name: string;
  /** As people write it: `double`, `string`, `list`. */
  readonly type: string;
  readonly description?: string;
  /** Absent where every run has to say it. */
  readonly defaultValue?: Json;
}

/** Parameters of a pipeline (IR); none of what is no pipeline. */
export function parametersOf(spec: JsonObject): Parameter[] {
  const parameters = object(object(object(spec["root"])["inputDefinitions"])["parameters"]);
  return Object.entries(parameters).map(([name, value]) => {
    const { parameterType, description, defaultValue } = object(value);
    const type = typeof parameterType === "string" ? parameterType.replace(/^NUMBER_/, "").toLowerCase() : "–";
    return {
      name,
      type,
      ...(typeof description === "string" && { description }),
      ...(defaultValue !== undefined && { defaultValue }),
    };
  });
}

/** What a run was made with: what it was told, and the defaults of all else, in the order of the names. */
export function valuesOf(spec: JsonObject, told: JsonObject): ReadonlyMap<string, Json> {
  const defaults = parametersOf(spec).flatMap(({ name, defaultValue }): [string, Json][] =>
    defaultValue === undefined ? [] : [[name, defaultValue]],
  );
  return new Map([...new Map([...defaults, ...Object.entries(told)])].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function object(value: Json | undefined): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}
