import type { StepNode } from "./graph";

/** A step that others can wait for: a task, or the steps of `when`, `forEach` or `exitHandler` together. */
export class Step {
  readonly #node: StepNode;

  constructor(node: StepNode) {
    this.#node = node;
  }

  get name(): string {
    return this.#node.name;
  }

  /** Starts only when these have succeeded; what it takes from other steps orders it anyway. */
  after(...steps: readonly Step[]): this {
    for (const step of steps) this.#node.after.add(step.#node);
    return this;
  }

  static nodeOf(step: Step): StepNode {
    return step.#node;
  }
}
