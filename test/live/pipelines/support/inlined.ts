type Part = { [key: string]: unknown };

// Fields that the SDK writes beside those that replaced them, and what says nothing about what runs.
const TWINS = ["cpuRequest", "cpuLimit", "memoryRequest", "memoryLimit", "count", "type"];

/**
 * A pipeline's IR with every component and executor in the place where it is used, so that it does not matter what they
 * are called, and without what the SDK doubles.
 */
export function inlined(spec: unknown): unknown {
  const { root, components, deploymentSpec } = spec as {
    root: Part;
    components: Record<string, Part>;
    deploymentSpec: { executors: Record<string, { container: Part }> };
  };
  const component = ({ executorLabel, dag, ...rest }: Part): Part => ({
    ...rest,
    ...(executorLabel !== undefined && { container: untwinned(deploymentSpec.executors[executorLabel as string]) }),
    ...(dag !== undefined && { dag: graph(dag as Part) }),
  });
  const graph = ({ tasks, ...rest }: Part): Part => ({
    ...rest,
    tasks: Object.fromEntries(
      Object.entries(tasks as Record<string, Part>).map(([name, { componentRef, parameterIterator, ...task }]) => [
        name,
        {
          ...task,
          ...(parameterIterator !== undefined && { parameterIterator: parsedItems(parameterIterator as Part) }),
          component: component(components[(componentRef as { name: string }).name] ?? {}),
        },
      ]),
    ),
  });
  return component(root);
}

function untwinned(executor: { container: Part } | undefined): Part {
  const { resources, ...container } = executor?.container ?? {};
  const kept = (part: Part) => Object.fromEntries(Object.entries(part).filter(([key]) => !TWINS.includes(key)));
  if (resources === undefined) return container;
  const { accelerator, ...quantities } = kept(resources as Part);
  return {
    ...container,
    resources: { ...quantities, ...(accelerator !== undefined && { accelerator: kept(accelerator as Part) }) },
  };
}

/** A platform document without the plain fields that the SDK writes beside those that take any value. */
export function untwinnedPlatform(document: unknown): unknown {
  const { executors } = (document as PlatformDocument).platforms.kubernetes.deploymentSpec;
  const plain = ["secretName", "configMapName", "constant", "componentInputParameter"];
  const kept = (entry: Part) => Object.fromEntries(Object.entries(entry).filter(([key]) => !plain.includes(key)));
  return Object.fromEntries(
    Object.entries(executors).map(([label, config]) => [
      label,
      Object.fromEntries(
        Object.entries(config).map(([key, value]) => [key, Array.isArray(value) ? (value as Part[]).map(kept) : value]),
      ),
    ]),
  );
}

interface PlatformDocument {
  readonly platforms: {
    readonly kubernetes: { readonly deploymentSpec: { readonly executors: Readonly<Record<string, Part>> } };
  };
}

/** Items are JSON in a string, which each writer spaces in its own way. */
function parsedItems({ items, ...rest }: Part): Part {
  const { raw } = items as { raw?: string };
  return { ...rest, items: raw === undefined ? items : (JSON.parse(raw) as unknown) };
}
