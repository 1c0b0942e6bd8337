import type { Faults } from "./faults";
import type { Component, GraphComponent, TaskNode } from "./pipeline";
import type { ParameterSource } from "./pipeline-spec";
import { shown, typeFault } from "./parameter-types";
import { parseTemplate } from "./placeholders";

/** Checks that each input of each task of a graph has a source, and that the source is there when the task runs. */
export function checkSources(graph: GraphComponent, path: string, faults: Faults): void {
  const upstream = new Map<string, ReadonlySet<string>>();
  for (const task of graph.tasks.values()) {
    // Tasks are in order: what a task depends on has its own set already.
    const all = new Set(task.dependsOn.flatMap((on) => [on, ...(upstream.get(on) ?? [])]));
    upstream.set(task.name, all);
    new SourceCheck(graph, task, all, `${path}.tasks.${task.name}.inputs`, faults).run();
  }
}

class SourceCheck {
  constructor(
    private readonly graph: GraphComponent,
    private readonly task: TaskNode,
    private readonly upstream: ReadonlySet<string>,
    private readonly path: string,
    private readonly faults: Faults,
  ) {}

  run(): void {
    const { component, parameters, artifacts, loop } = this.task;
    for (const [name, source] of Object.entries(parameters)) this.parameter(name, source);
    for (const [name, { type, optional, defaultValue }] of Object.entries(component.parameters)) {
      if (name in parameters || name === loop?.itemInput || optional || defaultValue !== undefined) continue;
      this.faults.add(
        `${this.path}.parameters`,
        `input "${name}" (${type}) of component "${component.name}" has no value`,
      );
    }
    for (const [name, source] of Object.entries(artifacts)) {
      const at = `${this.path}.artifacts.${name}`;
      if (!(name in component.artifacts)) this.faults.add(at, `component "${component.name}" has no such input`);
      const { taskOutputArtifact: from, componentInputArtifact: input } = source;
      if ((from === undefined) === (input === undefined))
        this.faults.add(at, "must have either taskOutputArtifact or componentInputArtifact");
      if (from) this.output(at, from.producerTask, from.outputArtifactKey, "outputArtifacts");
      if (input !== undefined && !(input in this.graph.artifacts))
        this.faults.add(at, `the graph "${this.graph.name}" has no input artifact "${input}"`);
    }
    for (const [name, { optional }] of Object.entries(component.artifacts))
      if (!(name in artifacts) && !optional)
        this.faults.add(`${this.path}.artifacts`, `input "${name}" of component "${component.name}" has no artifact`);
  }

  private parameter(name: string, source: ParameterSource): void {
    const at = `${this.path}.parameters.${name}`;
    const { taskOutputParameter, componentInputParameter, runtimeValue, taskFinalStatus } = source;
    const given = [taskOutputParameter, componentInputParameter, runtimeValue, taskFinalStatus].filter(
      (each) => each !== undefined,
    );
    if (given.length !== 1) this.faults.add(at, "must have one source");
    const definition = this.task.component.parameters[name];
    // Values that a text or a condition refers to travel as inputs that the component does not declare.
    if (!definition && taskFinalStatus) this.faults.add(at, "is not an input of its component");
    if (taskOutputParameter)
      this.output(at, taskOutputParameter.producerTask, taskOutputParameter.outputParameterKey, "outputParameters");
    if (componentInputParameter !== undefined && !(componentInputParameter in this.graph.parameters))
      this.faults.add(at, `the graph "${this.graph.name}" has no input "${componentInputParameter}"`);
    if (taskFinalStatus) this.finalStatus(at, taskFinalStatus.producerTask, definition);
    if (runtimeValue) this.constant(at, source, definition);
  }

  private finalStatus(at: string, producer: string, definition: Component["parameters"][string] | undefined): void {
    if (definition && definition.type !== "TASK_FINAL_STATUS")
      this.faults.add(at, `the input is ${definition.type}, a task's end is TASK_FINAL_STATUS`);
    if (!this.task.dependsOn.includes(producer))
      this.faults.add(at, `dependentTasks must list "${producer}", whose end it is`);
    if (!this.task.always)
      this.faults.add(at, "triggerPolicy.strategy must be ALL_UPSTREAM_TASKS_COMPLETED for it to be known");
  }

  private constant(at: string, source: ParameterSource, definition: Component["parameters"][string] | undefined): void {
    const { constant, constantValue } = source.runtimeValue ?? {};
    const value = constant ?? constantValue?.stringValue ?? constantValue?.intValue ?? constantValue?.doubleValue;
    if (value === undefined) {
      this.faults.add(at, "a runtimeValue must have a constant");
      return;
    }
    if (typeof value === "string" && value.includes("{{$")) {
      const template = this.faults.attempt(at, () => parseTemplate(value)) ?? [];
      for (const part of template)
        if (typeof part !== "string" && part.kind === "input-parameter" && !(part.name in this.task.parameters))
          this.faults.add(at, `refers to "${part.name}", which is not among the task's inputs`);
      return;
    }
    if (!definition) return;
    const fault = typeFault(value, definition.type);
    if (fault) this.faults.add(at, fault);
    else if (definition.literals.length > 0 && !definition.literals.some((one) => one === value))
      this.faults.add(at, `${shown(value)} must be one of ${definition.literals.map(shown).join(", ")}`);
  }

  private output(at: string, producer: string, key: string, kind: "outputParameters" | "outputArtifacts"): void {
    const task = this.graph.tasks.get(producer);
    if (!task) this.faults.add(at, `"${producer}" is not a task of this graph`);
    else if (!(key in task.component[kind]))
      this.faults.add(at, `task "${producer}" has no output "${key}" of this kind`);
    else if (!this.upstream.has(producer))
      this.faults.add(at, `dependentTasks must lead to "${producer}": data alone gives no order`);
  }
}
