import { join } from "node:path";
import { Staging } from "../artifacts/staging";
import type { ContainerOrder } from "../jobs/container-runner";
import type { Artifact, Task } from "../model";
import type { ContainerComponent, TaskNode } from "../ir/pipeline";
import { fingerprint } from "./fingerprint";
import { type LookUp, podSettings } from "./pod-settings";
import { stableId } from "./records";
import { localPath, Rendering } from "./rendering";
import { type RunContext, runField } from "./run-context";

/** Everything about one try of a task that is settled before it begins, the same in whichever process it is asked. */
export interface AttemptPlan {
  readonly jobName: string;
  readonly staging: Staging;
  /** Artifacts to be made, by output. */
  readonly outputs: Readonly<Record<string, Artifact>>;
  /** Address beside the artifacts of the file in which the step may say more. */
  readonly metadataFile: string;
  /** @throws Error with one sentence where a text of the step has no value */
  order(): ContainerOrder;
  fingerprint(): string;
}

type ContainerNode = TaskNode & { readonly component: ContainerComponent };

/** @param number of the try, from 0 */
export function planAttempt(
  context: RunContext,
  node: ContainerNode,
  task: Task,
  number: number,
  lookUp: LookUp,
): AttemptPlan {
  const { component } = node;
  const { run, pipeline, pipelineRoot, parts } = context;
  const short = task.id.replaceAll("-", "").slice(0, 12);
  const name = node.name.slice(0, 40).replace(/-+$/, "");
  const jobName = `${name}-${short}-${number}`;
  const folder = `${pipelineRoot}/${pipeline.name}/${run.id}/${node.name}/${stableId(task.id, number)}`;
  const outputs = Object.fromEntries(
    Object.entries(component.outputArtifacts).map(([output, { type, metadata }]): [string, Artifact] => [
      output,
      { id: stableId(task.id, number, output), name: output, type, uri: `${folder}/${output}`, metadata },
    ]),
  );
  const metadataFile = `${folder}/output_metadata.json`;
  const staging = new Staging(parts.settings.sharedDirectory, `${run.id}/${name}-${short}-${number}`);
  return {
    jobName,
    staging,
    outputs,
    metadataFile,
    fingerprint: () =>
      fingerprint(pipeline.name, component, task.inputs, podSettings(component.platform, lookUp), node.cache?.key),
    order: () => {
      const executorOutputFile = localPath(metadataFile);
      const fieldOf = runField(context, { id: task.id, name: node.name });
      const rendering = new Rendering({ component, inputs: task.inputs, outputs, executorOutputFile, fieldOf });
      const quantities = (texts: ContainerComponent["limits"]) =>
        Object.fromEntries(Object.entries(texts).map(([resource, text]) => [resource, rendering.template(text)]));
      return {
        jobName,
        labels: {
          ...component.platform.podMetadata?.labels,
          "pipeline/runid": run.id,
          "pipelines.kubeflow.org/v2_component": "true",
        },
        annotations: {
          ...component.platform.podMetadata?.annotations,
          "pipelines.kubeflow.org/v2_pipeline": pipeline.name,
          "pipelines.kubeflow.org/task_name": node.name,
        },
        serviceAccount: run.serviceAccount,
        image: rendering.template(component.image),
        command: component.command.flatMap((argument) => rendering.argument(argument)),
        args: component.args.flatMap((argument) => rendering.argument(argument)),
        env: component.env.map((each) => ({ name: each.name, value: rendering.template(each.value) })),
        requests: quantities(component.requests),
        limits: quantities(component.limits),
        mounts: staging.mounts,
        pod: podSettings(component.platform, lookUp),
        logFile: logFile(parts.settings.stateDirectory, run.id, task.id, number),
      };
    },
  };
}

/** File that keeps what a try wrote. */
export function logFile(stateDirectory: string, runId: string, taskId: string, attempt: number): string {
  return join(stateDirectory, "logs", runId, `${taskId}-${attempt}.log`);
}
