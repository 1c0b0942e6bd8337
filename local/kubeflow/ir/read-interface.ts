import type { Faults } from "./faults";
import type { Component, ParameterInput } from "./pipeline";
import type { ComponentSpec } from "./pipeline-spec";
import { typeFault } from "./parameter-types";

/** What every component has: its inputs and outputs. */
export type Face = Pick<Component, "name" | "parameters" | "artifacts" | "outputParameters" | "outputArtifacts">;

export function interfaceOf(name: string, spec: ComponentSpec, path: string, faults: Faults): Face {
  const inputs = spec.inputDefinitions ?? {};
  const outputs = spec.outputDefinitions ?? {};
  return {
    name,
    parameters: mapped(inputs.parameters, (definition, key): ParameterInput => {
      const { parameterType, defaultValue, isOptional, literals = [] } = definition;
      const fault = defaultValue === undefined ? undefined : typeFault(defaultValue, parameterType);
      if (fault) faults.add(`${path}.inputDefinitions.parameters.${key}.defaultValue`, fault);
      return { type: parameterType, defaultValue, optional: isOptional ?? false, literals };
    }),
    artifacts: mapped(inputs.artifacts, ({ isArtifactList, isOptional }) => ({
      list: isArtifactList ?? false,
      optional: isOptional ?? false,
    })),
    outputParameters: mapped(outputs.parameters, ({ parameterType }) => parameterType),
    outputArtifacts: mapped(outputs.artifacts, ({ artifactType, isArtifactList, metadata }) => ({
      type: artifactType?.schemaTitle ?? "system.Artifact",
      list: isArtifactList ?? false,
      metadata: metadata ?? {},
    })),
  };
}

function mapped<T, U>(
  record: Readonly<Record<string, T>> | undefined,
  map: (value: T, key: string) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(record ?? {}).map(([key, value]) => [key, map(value, key)]));
}
