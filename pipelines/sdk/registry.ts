/** Part of a document while it is written. */
export type Part = Record<string, unknown>;

/** Components and executors of one pipeline by their keys; equal ones are one. */
export class Registry {
  readonly components: Record<string, Part> = {};
  readonly executors: Record<string, Part> = {};
  readonly platformExecutors: Record<string, Part> = {};
  private readonly keys = new Map<string, string>();
  private readonly taken = new Set<string>();

  /** Key of the component that runs `executor`. */
  executed(base: string, definitions: Part, executor: Part, platform?: Part): string {
    const identity = JSON.stringify([definitions, executor, platform]);
    const known = this.keys.get(identity);
    if (known !== undefined) return known;
    const name = this.free(base);
    const executorLabel = `exec-${name}`;
    this.executors[executorLabel] = executor;
    if (platform) this.platformExecutors[executorLabel] = platform;
    this.components[`comp-${name}`] = { ...definitions, executorLabel };
    this.keys.set(identity, `comp-${name}`);
    return `comp-${name}`;
  }

  /** Key of a component that is a graph. */
  graph(base: string, component: Part): string {
    const key = `comp-${this.free(base)}`;
    this.components[key] = component;
    return key;
  }

  private free(base: string): string {
    let name = base;
    for (let count = 2; this.taken.has(name); count++) name = `${base}-${count}`;
    this.taken.add(name);
    return name;
  }
}

/** A field that holds something, or none: an absent field and an empty one are not the same to every reader. */
export const nonEmpty = (field: Part): Part =>
  Object.fromEntries(Object.entries(field).filter(([, value]) => Object.keys(value as object).length > 0));
