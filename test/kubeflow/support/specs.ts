import type { JsonObject, PipelinePackage } from "../../../local/kubeflow/model";

/** Parts of compiled pipelines, as short as they can be written. */

export interface StepOptions {
  readonly args?: string[];
  readonly inputs?: Record<string, string | JsonObject>;
  readonly inputArtifacts?: Record<string, JsonObject>;
  readonly outputs?: Record<string, string>;
  readonly outputArtifacts?: string[];
  readonly container?: JsonObject;
}

/** A component and its executor. */
export interface Part {
  readonly component: JsonObject;
  readonly executor?: JsonObject;
}

export function step(options: StepOptions = {}): Part {
  const { args = [], inputs = {}, inputArtifacts = {}, outputs = {}, outputArtifacts = [], container = {} } = options;
  const parameters = mapped(inputs, (type) => (typeof type === "string" ? { parameterType: type } : type));
  return {
    component: {
      inputDefinitions: {
        parameters,
        artifacts: mapped(inputArtifacts, (each) => ({ artifactType: { schemaTitle: "system.Artifact" }, ...each })),
      },
      outputDefinitions: {
        parameters: mapped(outputs, (parameterType) => ({ parameterType })),
        artifacts: Object.fromEntries(
          outputArtifacts.map((name) => [name, { artifactType: { schemaTitle: "system.Artifact" } }]),
        ),
      },
    },
    executor: { container: { image: "step:1", command: ["step"], args, ...container } },
  };
}

/** A component that is a graph. */
export function graph(tasks: Record<string, JsonObject>, more: JsonObject = {}, outputs: JsonObject = {}): Part {
  return { component: { dag: { tasks, outputs }, ...more } };
}

/** A task of the component `comp-<name>`. */
export function task(name: string, more: JsonObject = {}): JsonObject {
  return { componentRef: { name: `comp-${name}` }, ...more };
}

export function after(...dependentTasks: string[]): JsonObject {
  return { dependentTasks };
}

export const constant = (value: JsonObject[string]): JsonObject => ({ runtimeValue: { constant: value } });
export const fromInput = (name: string): JsonObject => ({ componentInputParameter: name });
export const outputOf = (producerTask: string, outputParameterKey: string): JsonObject => ({
  taskOutputParameter: { producerTask, outputParameterKey },
});
export const artifactOf = (producerTask: string, outputArtifactKey: string): JsonObject => ({
  taskOutputArtifact: { producerTask, outputArtifactKey },
});

/** A pipeline of a root graph and the components that its tasks name. */
export function pipeline(root: Part, parts: Record<string, Part> = {}, platform?: JsonObject): PipelinePackage {
  const components = mapped(parts, ({ component, executor }, name) => ({
    ...component,
    ...(executor && { executorLabel: `exec-${name}` }),
  }));
  const executors = Object.entries(parts).flatMap(([name, { executor }]) =>
    executor ? [[`exec-${name}`, executor]] : [],
  );
  return {
    pipelineSpec: {
      pipelineInfo: { name: "test" },
      root: root.component,
      components: Object.fromEntries(Object.entries(components).map(([name, part]) => [`comp-${name}`, part])),
      deploymentSpec: { executors: Object.fromEntries(executors) as JsonObject },
      schemaVersion: "2.1.0",
    },
    ...(platform && { platformSpec: { platforms: { kubernetes: platform } } }),
  };
}

function mapped<T>(record: Record<string, T>, map: (value: T, key: string) => JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
