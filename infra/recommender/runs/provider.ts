import type * as pulumi from "@pulumi/pulumi";
import type { Operations, Properties } from "./operations";

/** What a change of an input means. Inputs named in none of the lists are changed in place. */
export interface ChangeRules {
  readonly replace: readonly string[];
  /** Inputs whose change is no change of the resource. */
  readonly ignore: readonly string[];
  readonly deleteBeforeReplace: boolean;
}

/**
 * Provider of one kind of resource. Pulumi writes it as text into the state and runs it in a bare Node in the folder of
 * Pulumi.yaml: hence it holds nothing but comparisons, and loads the work itself from this folder when there is some.
 * The path below stands in states, where an old resource looks for it: a file that moves leaves one behind.
 */
export function providerOf(
  kind: "experiment" | "run" | "recurringRun" | "retention",
  rules: ChangeRules,
): pulumi.dynamic.ResourceProvider {
  const { replace, ignore, deleteBeforeReplace } = rules;

  function operations(): Operations {
    /* eslint-disable @typescript-eslint/no-require-imports -- loaded where it is used, from the text in the state */
    require("tsx/cjs");
    const path = `${process.cwd()}/infra/recommender/runs/operations.ts`;
    const loaded = require(path) as { operations: Record<string, Operations> };
    /* eslint-enable @typescript-eslint/no-require-imports */
    return loaded.operations[kind]!;
  }

  /** Kubeconfigs of this deploy by cluster; those in the state may be older. */
  function kubeconfigs(): Map<unknown, unknown> {
    const shared = globalThis as { pipelineKubeconfigs?: Map<unknown, unknown> };
    shared.pipelineKubeconfigs ??= new Map();
    return shared.pipelineKubeconfigs;
  }

  function renewed(properties: Properties): Properties {
    const { clusterId, kubeconfig } = properties;
    return { ...properties, kubeconfig: kubeconfigs().get(clusterId) ?? kubeconfig };
  }

  /** Text that is the same for the same value, in whatever order its fields are. */
  function canonical(value: unknown): string {
    return JSON.stringify(value ?? null, (_key, part: unknown) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    );
  }

  return {
    check(_olds: Properties, news: Properties) {
      kubeconfigs().set(news["clusterId"], news["kubeconfig"]);
      return Promise.resolve({ inputs: news });
    },
    diff(_id: string, olds: Properties, news: Properties) {
      // An input that is no longer given is missing among the new ones; outputs stand among the old ones.
      const compared = [...new Set([...Object.keys(news), ...replace])].filter((key) => !ignore.includes(key));
      const changed = compared.filter((key) => canonical(olds[key]) !== canonical(news[key]));
      const replaces = changed.filter((key) => replace.includes(key));
      return Promise.resolve({ changes: changed.length > 0, replaces, deleteBeforeReplace });
    },
    create: (inputs: Properties) => operations().create(inputs),
    async read(id: string, outputs: Properties) {
      return operations().read(id, renewed(outputs));
    },
    update: (id: string, olds: Properties, news: Properties) => operations().update(id, olds, news),
    delete: (id: string, outputs: Properties) => operations().delete(id, renewed(outputs)),
  };
}
