import type { Artifact, JsonObject, TaskValues } from "../model";
import type { ContainerComponent } from "../ir/pipeline";
import type { Argument, Reference, RunField, Template } from "../ir/placeholders";
import { ARTIFACTS_PATH, OUTPUTS_PATH } from "../ir/read-platform";
import { goJson, textOf } from "./value-text";

/** Path in a step's container of what is at an address. */
export function localPath(uri: string): string {
  return `${ARTIFACTS_PATH}/${uri.replace(/^s3:\/\//, "")}`;
}

/** Path in a step's container of the file that gets an output parameter. */
export function outputFile(name: string): string {
  return `${OUTPUTS_PATH}/${name}`;
}

/** What the placeholders of one try of a step stand for. */
export interface RenderedValues {
  readonly component: ContainerComponent;
  readonly inputs: TaskValues;
  /** Artifacts to be made, by output. */
  readonly outputs: Readonly<Record<string, Artifact>>;
  /** Path in the container of the file that may say more of the outputs. */
  readonly executorOutputFile: string;
  readonly fieldOf: (field: RunField) => string;
}

/** Fills the texts of a step in. */
export class Rendering {
  constructor(private readonly values: RenderedValues) {}

  /** @throws Error with one sentence where a placeholder has no value */
  template(template: Template): string {
    return template.map((part) => (typeof part === "string" ? part : this.reference(part))).join("");
  }

  /** An element of a command; a choice may become several, or none. */
  argument(argument: Argument): string[] {
    if (argument.kind === "text") return [this.template(argument.template)];
    if (argument.kind === "concat") return [argument.items.flatMap((item) => this.argument(item)).join("")];
    const { parameters, artifacts } = this.values.inputs;
    const given = argument.input in parameters || argument.input in artifacts;
    return (given ? argument.then : argument.otherwise).flatMap((item) => this.argument(item));
  }

  /** The executor input: all that a step is told, as JSON. */
  executorInput(): string {
    const { component, inputs, outputs, executorOutputFile } = this.values;
    const parameters = Object.keys(component.outputParameters).map((name): [string, JsonObject] => [
      name,
      { outputFile: outputFile(name) },
    ]);
    return goJson({
      inputs: {
        parameterValues: inputs.parameters,
        artifacts: Object.fromEntries(
          Object.entries(inputs.artifacts).map(([name, artifacts]) => [name, { artifacts: artifacts.map(described) }]),
        ),
      },
      outputs: {
        parameters: Object.fromEntries(parameters),
        artifacts: Object.fromEntries(
          Object.entries(outputs).map(([name, artifact]) => [name, { artifacts: [described(artifact)] }]),
        ),
        outputFile: executorOutputFile,
      },
    });
  }

  private reference(reference: Reference): string {
    switch (reference.kind) {
      case "input-parameter": {
        const value = this.values.inputs.parameters[reference.name];
        if (value === undefined)
          throw new Error(`Input "${reference.name}" was not given, and a text of the step needs it: use IfPresent.`);
        return textOf(value);
      }
      case "output-file":
        return outputFile(reference.name);
      case "artifact": {
        const artifact = this.artifact(reference.side, reference.name);
        if (reference.property === "path") return localPath(artifact.uri);
        return reference.property === "uri" ? artifact.uri : artifact.name;
      }
      case "metadata": {
        const value = this.artifact(reference.side, reference.name).metadata[reference.key];
        if (value === undefined)
          throw new Error(`Artifact "${reference.name}" has no metadata "${reference.key}", which the step asks for.`);
        return textOf(value);
      }
      case "executor-input":
        return this.executorInput();
      case "executor-output-file":
        return this.values.executorOutputFile;
      case "run":
        return this.values.fieldOf(reference.field);
    }
  }

  private artifact(side: "inputs" | "outputs", name: string): Artifact {
    const { inputs, outputs } = this.values;
    const artifact = side === "inputs" ? inputs.artifacts[name]?.[0] : outputs[name];
    if (!artifact) throw new Error(`Artifact "${name}" was not given, and a text of the step needs it: use IfPresent.`);
    return artifact;
  }
}

function described({ name, type, uri, metadata }: Artifact): JsonObject {
  return { name, type: { schemaTitle: type }, uri, metadata };
}
