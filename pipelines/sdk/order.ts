import { PipelineError } from "./errors";
import type { StepNode } from "./graph";

/** @throws PipelineError where steps wait for one another in a circle; `waits` has what each step waits for */
export function refuseCycles(waits: ReadonlyMap<StepNode, ReadonlySet<StepNode>>): void {
  const done = new Set<StepNode>();
  for (const start of waits.keys()) {
    // Depth first without recursion: a chain of a thousand steps is no deeper stack.
    const path: { step: StepNode; rest: StepNode[] }[] = [];
    const open = new Set<StepNode>();
    const enter = (step: StepNode) => {
      open.add(step);
      path.push({ step, rest: [...(waits.get(step) ?? [])] });
    };
    if (!done.has(start)) enter(start);
    for (let top = path.at(-1); top; top = path.at(-1)) {
      const next = top.rest.pop();
      if (!next) {
        done.add(top.step);
        open.delete(top.step);
        path.pop();
      } else if (open.has(next)) {
        const names = path.map(({ step }) => step.name);
        const circle = [...names.slice(names.indexOf(next.name)), next.name].join(" → ");
        throw new PipelineError(next.place, `steps wait for one another: ${circle}. Take out one of these edges.`);
      } else if (!done.has(next)) enter(next);
    }
  }
}
