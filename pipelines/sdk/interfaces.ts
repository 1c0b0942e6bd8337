import { checkFieldName } from "./check-names";
import { checkConstant } from "./check-values";
import type { Place } from "./errors";
import { nonEmpty, type Part } from "./registry";
import { type ArtifactSpec, isParameter, type ParameterSpec, type Spec, type Specs } from "./types";
import { ParameterReference, type Reference } from "./values";

/** Declared inputs and outputs of a component. */
export function componentInterface(inputs: Specs, outputs: Specs, place: Place): Part {
  const inputDefinitions = definitions(inputs, (name, spec) => {
    checkFieldName(name, "input", place);
    return isParameter(spec) ? inputParameter(name, spec, place) : artifactDefinition(spec);
  });
  return { ...nonEmpty({ inputDefinitions }), ...outputInterface(outputs, place) };
}

export function outputInterface(outputs: Specs, place: Place): Part {
  const outputDefinitions = definitions(outputs, (name, spec) => {
    checkFieldName(name, "output", place);
    return isParameter(spec) ? { parameterType: spec.parameterType } : artifactDefinition(spec);
  });
  return nonEmpty({ outputDefinitions });
}

/** Inputs of a branch, loop or exit handler: what its steps take from around it, and the item of a loop. */
export function groupInterface(
  lifted: ReadonlyMap<string, Reference>,
  item?: { readonly input: string; readonly spec: ParameterSpec },
): Part {
  const parameters: Part = {};
  const artifacts: Part = {};
  for (const [name, reference] of lifted) {
    if (reference instanceof ParameterReference) {
      const { parameterType, origin } = reference;
      parameters[name] = { parameterType, ...(origin.from === "input" && origin.optional && { isOptional: true }) };
    } else {
      artifacts[name] = artifactDefinition(reference);
    }
  }
  if (item) parameters[item.input] = { parameterType: item.spec.parameterType };
  return nonEmpty({ inputDefinitions: { ...nonEmpty({ parameters }), ...nonEmpty({ artifacts }) } });
}

function definitions(specs: Specs, define: (name: string, spec: Spec) => Part): Part {
  const parameters: Part = {};
  const artifacts: Part = {};
  for (const [name, spec] of Object.entries<Spec>(specs))
    (isParameter(spec) ? parameters : artifacts)[name] = define(name, spec);
  return { ...nonEmpty({ parameters }), ...nonEmpty({ artifacts }) };
}

function inputParameter(name: string, spec: ParameterSpec, place: Place): Part {
  const { parameterType, omissible, description, literals } = spec;
  // The status is handed over by the backend: to a caller it is optional.
  const isOptional = omissible || parameterType === "TASK_FINAL_STATUS";
  return {
    parameterType,
    ...(isOptional && { isOptional }),
    ...(spec.default !== undefined && {
      defaultValue: checkConstant(spec.default, spec, { ...place, field: `default of input "${name}"` }),
    }),
    ...(description !== undefined && { description }),
    ...(literals && literals.length > 0 && { literals }),
  };
}

const artifactDefinition = ({ schemaTitle, isList }: Pick<ArtifactSpec, "schemaTitle" | "isList">): Part => ({
  artifactType: { schemaTitle, schemaVersion: "0.0.1" },
  ...(isList && { isArtifactList: true }),
});
