import type { CompiledPipeline } from "../compile";

/** A task of a compiled pipeline, with what stands below it. */
export interface TaskTree {
  readonly name: string;
  /** What people read, with what decides whether or how often it runs. */
  readonly label: string;
  readonly note?: string;
  /** Tasks of the same graph that it waits for. */
  readonly waitsFor: readonly string[];
  /** Absent for tasks that run a container or import something. */
  readonly below?: readonly TaskTree[];
}

interface Spec {
  readonly root: Component;
  readonly components: Readonly<Record<string, Component>>;
}
interface Component {
  readonly dag?: { readonly tasks: Readonly<Record<string, Task>> };
}
interface Task {
  readonly taskInfo: { readonly name: string };
  readonly componentRef: { readonly name: string };
  readonly dependentTasks?: readonly string[];
  readonly triggerPolicy?: { readonly condition?: string; readonly strategy?: string };
  readonly parameterIterator?: { readonly items: { readonly raw?: string; readonly inputParameter?: string } };
}

/** Tasks of a pipeline in the order in which they can run. */
export function taskTree({ pipelineSpec }: CompiledPipeline): TaskTree[] {
  const { root, components } = pipelineSpec as unknown as Spec;
  const tree = ({ dag }: Component): TaskTree[] =>
    inOrder(
      Object.entries(dag?.tasks ?? {}).map(([name, task]) => {
        const component = components[task.componentRef.name];
        return {
          name,
          label: task.taskInfo.name,
          ...noteOf(task),
          waitsFor: task.dependentTasks ?? [],
          ...(component?.dag && { below: tree(component) }),
        };
      }),
    );
  return tree(root);
}

function noteOf({ triggerPolicy, parameterIterator }: Task): { note?: string } {
  if (triggerPolicy?.condition) return { note: `if ${readable(triggerPolicy.condition)}` };
  if (triggerPolicy?.strategy) return { note: "however that ended" };
  if (!parameterIterator) return {};
  const { raw, inputParameter } = parameterIterator.items;
  return { note: `for each of ${raw ?? plain(inputParameter ?? "")}` };
}

const plain = (input: string) => input.replace(/^pipelinechannel--/, "").replace("--", ".");

const readable = (condition: string) =>
  condition
    .replace(/int\((inputs\.parameter_values\['[^']+'\])\)/g, "$1")
    .replace(/inputs\.parameter_values\['([^']+)'\]/g, (_, input: string) => plain(input));

/** What waits for nothing first, then what waits for it; among those, by name. */
function inOrder(tasks: readonly TaskTree[]): TaskTree[] {
  const placed = new Set<string>();
  const ordered: TaskTree[] = [];
  while (ordered.length < tasks.length) {
    const ready = tasks.filter(
      ({ name, waitsFor }) => !placed.has(name) && waitsFor.every((other) => placed.has(other)),
    );
    for (const task of ready) placed.add(task.name);
    ordered.push(...ready);
  }
  return ordered;
}

/** The graph as an outline in text. */
export function outline(tasks: readonly TaskTree[], indent = ""): string[] {
  return tasks.flatMap(({ name, label, note, waitsFor, below }, index) => {
    const last = index === tasks.length - 1;
    const shown = label === name ? name : `${name} (${label})`;
    const waits = waitsFor.length > 0 ? `  ← ${waitsFor.join(", ")}` : "";
    return [
      `${indent}${last ? "└" : "├"} ${shown}${note === undefined ? "" : `  ${note}`}${waits}`,
      ...outline(below ?? [], `${indent}${last ? " " : "│"} `),
    ];
  });
}
