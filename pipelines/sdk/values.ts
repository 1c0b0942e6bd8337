import { Condition, type Comparison } from "./conditions";
import type { Graph, StepNode } from "./graph";
import type {
  ArtifactSpec,
  Literal,
  ParameterSpec,
  ParameterType,
  RecordFields,
  RecordSpec,
  SchemaTitle,
  Spec,
  Specs,
} from "./types";

/** A parameter on its way from where it is made to the steps that take it. */
export interface ParameterValue<T extends ParameterType = ParameterType> {
  readonly parameterType: T;
}

/** A value that may decide whether steps run. */
export interface Comparable<T extends ParameterType> extends ParameterValue<T> {
  equals(other: Operand<T>): Condition;
  notEquals(other: Operand<T>): Condition;
}

export interface Ordered<T extends ParameterType> extends Comparable<T> {
  lessThan(other: Operand<T>): Condition;
  atMost(other: Operand<T>): Condition;
  atLeast(other: Operand<T>): Condition;
  moreThan(other: Operand<T>): Condition;
}

/** Item of a loop over structs with known fields. */
export interface RecordValue<F extends RecordFields> extends ParameterValue<"STRUCT"> {
  readonly fields: { readonly [N in keyof F]: ValueOf<F[N]["parameterType"]> };
}

export type Operand<T extends ParameterType> = ParameterValue<T> | Literal<T>;

export type ValueOf<T extends ParameterType> = T extends "NUMBER_INTEGER" | "NUMBER_DOUBLE"
  ? Ordered<T>
  : T extends "STRING" | "BOOLEAN"
    ? Comparable<T>
    : ParameterValue<T>;

/** An artifact on its way. */
export interface ArtifactValue<S extends SchemaTitle = SchemaTitle, L extends boolean = boolean> {
  readonly schemaTitle: S;
  readonly isList: L;
}

export type Value = ParameterValue | ArtifactValue;

/** What the body of a graph hands out, by name. */
export type Results = Readonly<Record<string, Value>>;

/** What an output or an input is inside the graph that it stands in. */
export type Made<S extends Spec> =
  S extends RecordSpec<infer F>
    ? RecordValue<F>
    : S extends ParameterSpec<infer T>
      ? ValueOf<T>
      : S extends ArtifactSpec<infer A, infer L>
        ? ArtifactValue<A, L>
        : never;

/** What a call may give for an input. */
export type Given<S extends Spec> =
  S extends ParameterSpec<infer T>
    ? ParameterValue<T> | Literal<T>
    : S extends ArtifactSpec<infer A, infer L>
      ? "system.Artifact" extends A
        ? ArtifactValue<SchemaTitle, L>
        : ArtifactValue<A, L>
      : never;

type Omissible<I extends Specs> = {
  [N in keyof I]: I[N] extends ParameterSpec<ParameterType, true> ? N : never;
}[keyof I];

export type Arguments<I extends Specs> = { readonly [N in Exclude<keyof I, Omissible<I>>]: Given<I[N]> } & {
  readonly [N in Omissible<I>]?: Given<I[N]>;
};

/** Where a value comes from. */
export type Origin =
  | { readonly from: "step"; readonly step: StepNode; readonly output: string }
  | {
      readonly from: "input";
      readonly graph: Graph;
      readonly input: string;
      /** Whether a run may leave it without a value. */
      readonly optional: boolean;
    }
  | { readonly from: "item"; readonly graph: Graph; readonly field?: string }
  | { readonly from: "status"; readonly step: StepNode }
  | { readonly from: "context"; readonly placeholder: string };

/** The one class behind every parameter's interface; which of its methods a program sees depends on the type. */
export class ParameterReference<T extends ParameterType = ParameterType> implements Ordered<T> {
  constructor(
    readonly parameterType: T,
    readonly origin: Origin,
  ) {}

  equals(other: Operand<T>) {
    return this.compare("==", other);
  }
  notEquals(other: Operand<T>) {
    return this.compare("!=", other);
  }
  lessThan(other: Operand<T>) {
    return this.compare("<", other);
  }
  atMost(other: Operand<T>) {
    return this.compare("<=", other);
  }
  atLeast(other: Operand<T>) {
    return this.compare(">=", other);
  }
  moreThan(other: Operand<T>) {
    return this.compare(">", other);
  }

  private compare(operator: Comparison, other: Operand<T>): Condition {
    const right = other instanceof ParameterReference ? other : { constant: other as Literal<T> };
    return new Condition({ operator, left: this, right });
  }
}

export class RecordReference extends ParameterReference<"STRUCT"> {
  readonly fields: Readonly<Record<string, ParameterReference>>;

  constructor(graph: Graph, spec: RecordSpec) {
    super("STRUCT", { from: "item", graph });
    this.fields = Object.fromEntries(
      Object.entries(spec.fields).map(([field, { parameterType }]) => [
        field,
        new ParameterReference(parameterType, { from: "item", graph, field }),
      ]),
    );
  }
}

export class ArtifactReference implements ArtifactValue {
  constructor(
    readonly schemaTitle: SchemaTitle,
    readonly isList: boolean,
    readonly origin: Origin,
  ) {}
}

export type Reference = ParameterReference | ArtifactReference;

export const isReference = (value: unknown): value is Reference =>
  value instanceof ParameterReference || value instanceof ArtifactReference;
