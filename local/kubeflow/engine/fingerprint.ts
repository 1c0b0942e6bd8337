import { createHash } from "node:crypto";
import type { PodSettings } from "../jobs/container-runner";
import type { JsonObject, TaskValues } from "../model";
import type { ContainerComponent } from "../ir/pipeline";
import { goJson } from "./value-text";

/**
 * What two tasks must have in common for one to take the other's outputs: the pipeline, inputs (artifacts by
 * identity, not content), declared outputs, image, command as it was written, and claims. Environment and resources do
 * not count. A cache key stands for all but the pipeline and the outputs.
 */
export function fingerprint(
  pipelineName: string,
  component: ContainerComponent,
  inputs: TaskValues,
  pod: PodSettings,
  key: string | undefined,
): string {
  const outputs = {
    parameters: component.outputParameters,
    artifacts: Object.fromEntries(Object.entries(component.outputArtifacts).map(([name, { type }]) => [name, type])),
  };
  const subject: JsonObject =
    key === undefined
      ? {
          parameters: inputs.parameters,
          artifacts: Object.fromEntries(
            Object.entries(inputs.artifacts).map(([name, artifacts]) => [name, artifacts.map(({ id }) => id)]),
          ),
          written: component.written,
          claims: pod.claims.map(({ claim }) => claim).sort(),
        }
      : { key };
  return createHash("sha256")
    .update(goJson({ pipelineName, outputs, ...subject }))
    .digest("hex");
}
