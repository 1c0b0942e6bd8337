import type { Condition } from "./conditions";
import { PipelineError, type Place } from "./errors";
import type { StepSettings } from "./settings";
import type { ArtifactSpec, Json, JsonObject, ParameterSpec, Specs } from "./types";
import type { ParameterReference, Reference } from "./values";

/** One word of a command line. */
export type Word =
  string | { readonly ifPresent: string; readonly then: readonly string[]; readonly otherwise?: readonly string[] };

export interface ContainerDefinition {
  readonly kind: "container";
  /** Lower-case letters, digits, `-`. */
  readonly name: string;
  readonly description?: string;
  readonly inputs: Specs;
  readonly outputs: Specs;
  readonly image?: string;
  readonly command: readonly Word[];
  readonly args: readonly Word[];
  readonly env: Readonly<Record<string, string>>;
}

/** Takes something that lies in an object store into the run as an artifact. */
export interface ImporterDefinition {
  readonly kind: "importer";
  readonly name: string;
  readonly inputs: Specs;
  readonly outputs: { readonly artifact: ArtifactSpec };
  readonly metadata: JsonObject;
  readonly reimport: boolean;
}

export interface GraphDefinition {
  readonly kind: "graph";
  readonly name: string;
  readonly displayName?: string;
  readonly description?: string;
  /** Only those declared; what a body takes from around it is found when it is compiled. */
  readonly inputs: Specs;
  readonly outputs: Specs;
  /** Where each output comes from; of several, the one whose step ran. */
  readonly results: Readonly<Record<string, readonly Reference[]>>;
  readonly graph: Graph;
}

export type Definition = ContainerDefinition | ImporterDefinition | GraphDefinition;

export type Control =
  | { readonly kind: "condition"; readonly condition: Condition }
  | {
      readonly kind: "loop";
      readonly items: readonly Json[] | ParameterReference;
      readonly item: ParameterSpec;
      readonly parallelism?: number;
    };

/** One step of a graph. */
export class StepNode {
  readonly after = new Set<StepNode>();
  /** The exit handler whose end this step waits for, however it ended. */
  exitOf?: StepNode;

  constructor(
    readonly name: string,
    readonly graph: Graph,
    readonly definition: Definition,
    readonly given: Readonly<Record<string, unknown>>,
    readonly settings: StepSettings,
    readonly control?: Control,
  ) {}

  get place(): Place {
    return { pipeline: this.graph.pipeline, step: this.name };
  }
}

export type GraphKind = "pipeline" | "condition" | "branches" | "loop" | "exit-handler";

/** The steps of a pipeline, of a branch, of a loop or of an exit handler. */
export class Graph {
  readonly steps: StepNode[] = [];
  private readonly names = new Set<string>();
  private readonly groups = new Map<string, number>();

  constructor(
    readonly kind: GraphKind,
    /** Name of the pipeline that it is part of. */
    readonly pipeline: string,
    /** The graph around it; a pipeline has none. */
    readonly parent?: Graph,
  ) {}

  add(
    definition: Definition,
    given: Readonly<Record<string, unknown>>,
    settings: StepSettings = {},
    control?: Control,
  ): StepNode {
    const name = settings.name === undefined ? this.free(definition.name) : this.claim(settings.name);
    const step = new StepNode(name, this, definition, given, settings, control);
    this.steps.push(step);
    return step;
  }

  /** `condition-1`, `for-loop-2` …: names of groups are counted over the whole pipeline. */
  groupName(prefix: string): string {
    if (this.parent) return this.parent.groupName(prefix);
    const count = (this.groups.get(prefix) ?? 0) + 1;
    this.groups.set(prefix, count);
    return `${prefix}-${count}`;
  }

  private claim(name: string): string {
    if (this.names.has(name)) {
      const fault = "two steps of one graph have this name. Give one of them another in its settings.";
      throw new PipelineError({ pipeline: this.pipeline, step: name }, fault);
    }
    this.names.add(name);
    return name;
  }

  private free(base: string): string {
    let name = base;
    for (let count = 2; this.names.has(name); count++) name = `${base}-${count}`;
    return this.claim(name);
  }
}

let open: Graph | undefined;

/** The graph whose body is being written. */
export function currentGraph(what: string): Graph {
  if (!open) throw new Error(`${what} is called outside of a pipeline. Call it in the body given to pipeline(…).`);
  return open;
}

/** Runs `body`; the steps it makes go into `graph`. */
export function write<R>(graph: Graph, body: () => R): R {
  const around = open;
  open = graph;
  try {
    const result = body();
    if (result instanceof Promise) {
      const fault = "its body is asynchronous. Load components before the pipeline is written, not inside it.";
      throw new PipelineError({ pipeline: graph.pipeline }, fault);
    }
    return result;
  } finally {
    open = around;
  }
}
