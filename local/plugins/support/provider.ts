import type { PropertyMap } from "./values";

/** Severity of a message in the output of the engine. */
export type Severity = "debug" | "info" | "warning" | "error";

/** What a plugin can tell the engine outside its answers. */
export interface EngineLog {
  /** Shows a message beside a resource; an ephemeral one is progress and vanishes when the resource is done. */
  log(severity: Severity, message: string, options?: { readonly urn?: string; readonly ephemeral?: boolean }): void;
}

/** One property that a check refuses. */
export interface CheckFailure {
  /** Property path as Pulumi writes it, such as `rules[0].name`; empty for the resource as a whole. */
  readonly property: string;
  readonly reason: string;
}

export interface CheckRequest {
  readonly urn: string;
  /** Token such as `kubernetes:apps/v1:Deployment`. */
  readonly type: string;
  /** Logical name of the resource. */
  readonly name: string;
  /** Inputs of the last deployment; empty for a new resource and for the replacement of an old one. */
  readonly olds: PropertyMap;
  readonly news: PropertyMap;
  /** Same seed, same automatic name: a preview and its update agree. Empty where the engine gave none. */
  readonly randomSeed: Uint8Array;
  /** How the project wants automatic names, where it says so. */
  readonly autonaming?: { readonly proposedName: string; readonly mode: "propose" | "enforce" | "disable" };
}

export interface CheckResult {
  readonly inputs: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

export type DiffKind = "add" | "add-replace" | "delete" | "delete-replace" | "update" | "update-replace";

export interface DiffRequest {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** Outputs of the last deployment. */
  readonly oldOutputs: PropertyMap;
  readonly oldInputs: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
}

export interface DiffResult {
  /** What changes, by property path; empty means that nothing does. */
  readonly changes: Readonly<Record<string, { readonly kind: DiffKind; readonly inputDiff?: boolean }>>;
  /** Delete the old resource before the new one is made. */
  readonly deleteBeforeReplace?: boolean;
  /** Properties that no update changes. */
  readonly stables?: readonly string[];
}

export interface CreateRequest {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly inputs: PropertyMap;
  /** From `customTimeouts`; 0 where none was given. */
  readonly timeoutSeconds: number;
  /** Nothing may be made: the answer shows what would be. */
  readonly preview: boolean;
}

export interface ReadRequest {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  /** State of the last deployment; empty for an import or a `get`. */
  readonly outputs: PropertyMap;
  readonly inputs: PropertyMap;
}

export interface ReadResult {
  /** Empty: the resource is gone. */
  readonly id: string;
  readonly outputs: PropertyMap;
  /** Inputs that would lead to these outputs; left out where the given ones still hold. */
  readonly inputs?: PropertyMap;
}

export interface UpdateRequest {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly oldOutputs: PropertyMap;
  readonly oldInputs: PropertyMap;
  readonly news: PropertyMap;
  readonly ignoreChanges: readonly string[];
  readonly timeoutSeconds: number;
  readonly preview: boolean;
}

export interface DeleteRequest {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly outputs: PropertyMap;
  readonly inputs: PropertyMap;
  readonly timeoutSeconds: number;
}

export interface InvokeResult {
  readonly result: PropertyMap;
  readonly failures?: readonly CheckFailure[];
}

/**
 * A resource provider in plain values; {@link serveProvider} speaks the protocol. Secrets arrive wrapped and unknowns as
 * their magic string (see values.ts). A method that is left out answers "not implemented", except the two of the
 * configuration, which then accept everything.
 *
 * Throw {@link InitializationFailed} for a resource that exists but is not ready; any other error means that nothing was made.
 */
export interface ResourceProvider {
  checkConfig?(request: CheckRequest): Promise<CheckResult>;
  diffConfig?(request: DiffRequest): Promise<DiffResult>;
  configure(args: PropertyMap): Promise<void>;
  check(request: CheckRequest): Promise<CheckResult>;
  diff(request: DiffRequest): Promise<DiffResult>;
  create(request: CreateRequest): Promise<{ readonly id: string; readonly outputs: PropertyMap }>;
  read(request: ReadRequest): Promise<ReadResult>;
  update(request: UpdateRequest): Promise<{ readonly outputs: PropertyMap }>;
  delete(request: DeleteRequest): Promise<void>;
  invoke?(token: string, args: PropertyMap): Promise<InvokeResult>;
  /** The user pressed Ctrl-C: end what is going on soon; calls under way should fail. */
  cancel?(): void;
  /** The plugin is about to exit. */
  close?(): Promise<void>;
}

/** The resource was made or changed, and keeps its state, but did not become ready; the next update tries again. */
export class InitializationFailed extends Error {
  constructor(
    readonly id: string,
    readonly outputs: PropertyMap,
    readonly inputs: PropertyMap,
    /** Why, one sentence each. */
    readonly reasons: readonly string[],
  ) {
    super(reasons.join("\n"));
    this.name = "InitializationFailed";
  }
}
