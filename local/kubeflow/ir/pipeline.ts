import type { Json, JsonObject } from "../model";
import type { ArtifactSource, ImporterSpec, ParameterSource, ParameterType } from "./pipeline-spec";
import type { Argument, Template } from "./placeholders";
import type { ExecutorConfig } from "./platform-spec";

/** A pipeline that was read and checked: every reference in it leads somewhere. */
export interface Pipeline {
  readonly name: string;
  readonly displayName?: string;
  readonly root: GraphComponent;
  readonly defaultPipelineRoot?: string;
  /** A run that takes longer is ended. */
  readonly activeDeadlineSeconds?: number;
}

export interface ParameterInput {
  readonly type: ParameterType;
  readonly defaultValue?: Json;
  readonly optional: boolean;
  /** The only values it may have; none means any. */
  readonly literals: readonly Json[];
}

export interface ArtifactOutput {
  /** Schema title, such as `system.Model`. */
  readonly type: string;
  readonly list: boolean;
  readonly metadata: JsonObject;
}

interface Interface {
  /** Key among the components; `root` for the pipeline itself. */
  readonly name: string;
  readonly parameters: Readonly<Record<string, ParameterInput>>;
  readonly artifacts: Readonly<Record<string, { readonly list: boolean; readonly optional: boolean }>>;
  readonly outputParameters: Readonly<Record<string, ParameterType>>;
  readonly outputArtifacts: Readonly<Record<string, ArtifactOutput>>;
}

export interface GraphComponent extends Interface {
  readonly kind: "dag";
  /** In an order in which each comes after all it depends on. */
  readonly tasks: ReadonlyMap<string, TaskNode>;
  /** One selector, or several of which the first that exists is taken. */
  readonly parameterResults: Readonly<Record<string, readonly Selector[]>>;
  readonly artifactResults: Readonly<Record<string, readonly Selector[]>>;
}

/** An output of a task of the graph. */
export interface Selector {
  readonly task: string;
  readonly output: string;
}

export interface ContainerComponent extends Interface {
  readonly kind: "container";
  readonly image: Template;
  readonly command: readonly Argument[];
  readonly args: readonly Argument[];
  readonly env: readonly { readonly name: string; readonly value: Template }[];
  /** Kubernetes names of resources → quantities. */
  readonly requests: Readonly<Record<string, Template>>;
  readonly limits: Readonly<Record<string, Template>>;
  readonly platform: ExecutorConfig;
  /** Age in milliseconds from which a result is not taken from the cache; absent: it never grows too old. */
  readonly maxStaleness?: number;
  /** What a fingerprint covers of the texts above: they as they were written. */
  readonly written: JsonObject;
}

export interface ImporterComponent extends Interface {
  readonly kind: "importer";
  readonly importer: ImporterSpec;
}

export type Component = GraphComponent | ContainerComponent | ImporterComponent;

/** A task of a graph. */
export interface TaskNode {
  readonly name: string;
  readonly displayName: string;
  readonly component: Component;
  readonly dependsOn: readonly string[];
  readonly parameters: Readonly<Record<string, ParameterSource>>;
  readonly artifacts: Readonly<Record<string, ArtifactSource>>;
  /** Runs once all it depends on has ended, however that went. */
  readonly always: boolean;
  readonly condition?: string;
  readonly loop?: Loop;
  readonly cache?: { readonly key?: string };
  readonly retry: RetryPolicy;
}

export interface Loop {
  /** The items themselves, or the parameter of the task that has them. */
  readonly items: readonly Json[] | { readonly parameter: string };
  /** Input of the component that gets the item. */
  readonly itemInput: string;
  /** Iterations at the same time; 0 means all. */
  readonly parallelism: number;
}

/** Times in milliseconds. */
export interface RetryPolicy {
  readonly limit: number;
  readonly backoff: number;
  readonly factor: number;
  readonly longest: number;
}
