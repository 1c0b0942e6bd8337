import type { FastifyInstance } from "fastify";
import type { ModelFiles } from "./model-source";

export type Datatype = "BYTES" | "FP32";

/** A tensor as the protocol describes it: -1 is any length. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/** Values of an output, row after row. */
export interface OutputTensor extends TensorSpec {
  readonly data: readonly (string | number)[];
}

/** A model in memory, ready to answer. */
export interface LoadedModel {
  readonly version: string;
  /** Things it knows: items of a table, classes of a classifier. */
  readonly size: number;
  readonly platform: string;
  /** The one input; its first dimension is the rows of a request. */
  readonly input: TensorSpec;
  readonly outputs: readonly TensorSpec[];
  /** Data, parameters and metrics, for people. */
  readonly properties: Readonly<Record<string, unknown>>;
  /** Reports of the steps that made it. */
  readonly training: object;
  /**
   * @param values of the input, row after row, of its type
   * @throws Refusal where it has no answer
   */
  infer(values: readonly (string | number)[]): readonly OutputTensor[];
}

/** A kind of model: how one is read, and what it answers beside the protocol. One folder each. */
export interface Kind<M extends LoadedModel> {
  /** Name of the model in addresses. */
  readonly name: string;
  /**
   * Reads a model; hands the thread back now and then, since the one before it answers meanwhile.
   * @throws Error saying what is wrong with the file
   */
  load(files: ModelFiles): Promise<M>;
  /** Adds addresses of its own; `model` refuses with 503 where none is loaded yet. */
  routes?(app: FastifyInstance, model: () => M): void;
}
