import type { Faults } from "./faults";
import type { GraphComponent } from "./pipeline";

/** Checks that each output of a graph comes from a task of it. */
export function checkResults(graph: GraphComponent, path: string, faults: Faults): void {
  const check = (
    side: "parameters" | "artifacts",
    results: GraphComponent["parameterResults"],
    declared: Readonly<Record<string, unknown>>,
    kind: "outputParameters" | "outputArtifacts",
  ) => {
    for (const [name, selectors] of Object.entries(results)) {
      const at = `${path}.outputs.${side}.${name}`;
      if (!(name in declared)) faults.add(at, "is not among the outputDefinitions");
      if (selectors.length === 0) faults.add(at, "must have valueFromParameter or valueFromOneof");
      for (const { task: producer, output } of selectors) {
        const task = graph.tasks.get(producer);
        if (!task) faults.add(at, `"${producer}" is not a task of this graph`);
        else if (!(output in task.component[kind]))
          faults.add(at, `task "${producer}" has no output "${output}" of this kind`);
      }
    }
    for (const name of Object.keys(declared))
      if (!(name in results)) faults.add(`${path}.outputs.${side}`, `output "${name}" comes from no task`);
  };
  check("parameters", graph.parameterResults, graph.outputParameters, "outputParameters");
  check("artifacts", graph.artifactResults, graph.outputArtifacts, "outputArtifacts");
}
