import type { LoadedModel, OutputTensor } from "../kind";
import type { ModelFiles } from "../model-source";
import { copied, factsOf, parseSafetensors, texts } from "../safetensors";

/** Layout of the tensors this reader knows. */
const FORMAT = "linear-classifier/1";

/** A linear classifier: the class with the highest score = intercept + Σ coefficient · value. */
export class IrisModel implements LoadedModel {
  readonly platform = "linear-classifier";
  readonly outputs = [{ name: "class", datatype: "BYTES", shape: [-1] }] as const;
  readonly input;
  private readonly classes: readonly string[];
  private readonly features: readonly string[];
  /** Classes × features; the training has its scaling of the features in them. */
  private readonly weights: Float64Array;
  private readonly intercepts: Float64Array;
  private readonly facts: Readonly<Record<string, unknown>>;

  /** @throws Error saying what is wrong with the file. */
  constructor(
    readonly version: string,
    file: Buffer,
    metrics: Readonly<Record<string, unknown>>,
    readonly training: object,
  ) {
    const tensors = parseSafetensors(file);
    const { metrics: own, ...facts } = factsOf(tensors, FORMAT);
    this.facts = { ...facts, metrics: { ...(own as object | undefined), ...metrics } };
    this.classes = texts(tensors, "classes");
    this.features = texts(tensors, "features");
    const numbers = (name: string) => new Float64Array(copied(tensors.tensor(name, "F64").bytes));
    this.weights = numbers("coefficients");
    this.intercepts = numbers("intercepts");
    const lengths = [this.weights.length, this.intercepts.length];
    if (String(lengths) !== String([this.classes.length * this.features.length, this.classes.length]))
      throw new Error(
        `its tensors do not fit together: ${this.classes.length} classes, but ${lengths.join(", ")} entries`,
      );
    if (this.classes.length < 2) throw new Error("it tells fewer than two classes apart");
    if (![...this.weights, ...this.intercepts].every(Number.isFinite))
      throw new Error("it holds a weight that is no number");
    this.input = { name: "features", datatype: "FP32", shape: [-1, this.features.length] } as const;
  }

  static load({ version, file, metrics, training }: ModelFiles): Promise<IrisModel> {
    return Promise.resolve(new IrisModel(version, file, metrics, training));
  }

  get size(): number {
    return this.classes.length;
  }

  get properties() {
    return { ...this.facts, features: this.features, classes: this.classes };
  }

  infer(values: readonly (string | number)[]): OutputTensor[] {
    const width = this.features.length;
    const rows = values.length / width;
    const data = Array.from({ length: rows }, (_, row) => this.classOf(values.slice(row * width, (row + 1) * width)));
    return [{ name: "class", datatype: "BYTES", shape: [rows], data }];
  }

  private classOf(row: readonly (string | number)[]): string {
    const scores = this.classes.map((_, at) =>
      row.reduce<number>(
        (sum, value, feature) => sum + this.weights[at * row.length + feature]! * Number(value),
        this.intercepts[at]!,
      ),
    );
    return this.classes[scores.indexOf(Math.max(...scores))]!;
  }
}
