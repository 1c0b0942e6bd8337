import type { CompiledPipeline } from "../../../pipelines/sdk/compile";

export interface Task {
  readonly dependentTasks?: readonly string[];
  readonly cachingOptions?: { readonly enableCache?: boolean };
  readonly triggerPolicy?: { readonly condition: string };
  readonly inputs?: {
    readonly parameters?: Readonly<Record<string, unknown>>;
    readonly artifacts?: Readonly<Record<string, unknown>>;
  };
  readonly componentRef: { readonly name: string };
}

interface Spec {
  readonly root: { readonly dag: { readonly tasks: Readonly<Record<string, Task>> } };
  readonly components: Readonly<
    Record<
      string,
      { readonly executorLabel?: string; readonly dag?: { readonly tasks: Readonly<Record<string, Task>> } }
    >
  >;
  readonly deploymentSpec: { readonly executors: Readonly<Record<string, { readonly container: Container }>> };
}

export interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly resources?: Readonly<Record<string, unknown>>;
}

export interface Platform {
  readonly pvcMount?: readonly { readonly mountPath: string; readonly pvcNameParameter: unknown }[];
  readonly nodeSelector?: { readonly labels: Readonly<Record<string, string>> };
  readonly tolerations?: readonly { readonly key: string }[];
  readonly secretAsEnv?: readonly unknown[];
  readonly podMetadata?: { readonly labels?: Readonly<Record<string, string>>; readonly annotations?: object };
  readonly imagePullPolicy?: string;
}

/** Parts of a compiled pipeline by the names of its tasks. */
export function parts({ pipelineSpec, platformSpec }: CompiledPipeline) {
  const { root, components, deploymentSpec } = pipelineSpec as unknown as Spec;
  const platforms = platformSpec as unknown as {
    platforms: { kubernetes: { deploymentSpec: { executors: Readonly<Record<string, Platform>> } } };
  };
  const { tasks } = root.dag;
  const inside = Object.values(components).flatMap(({ dag }) => Object.entries(dag?.tasks ?? {}));
  const all: Readonly<Record<string, Task>> = { ...tasks, ...Object.fromEntries(inside) };
  const labelOf = (task: string) => components[all[task]?.componentRef.name ?? ""]?.executorLabel ?? "";
  return {
    tasks,
    all,
    container: (task: string) => deploymentSpec.executors[labelOf(task)]!.container,
    platform: (task: string): Platform => platforms.platforms.kubernetes.deploymentSpec.executors[labelOf(task)] ?? {},
  };
}
