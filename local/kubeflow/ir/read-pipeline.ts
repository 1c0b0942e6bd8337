import type { Json, PipelinePackage } from "../model";
import { Faults, InvalidPipelineError } from "./faults";
import type { Component, Pipeline } from "./pipeline";
import { type ComponentSpec, type PipelineSpec, pipelineSpec } from "./pipeline-spec";
import { type ExecutorConfig, type PlatformSpec, platformSpec } from "./platform-spec";
import { readContainer } from "./read-container";
import { readGraph } from "./read-graph";
import { readImporter } from "./read-importer";
import { interfaceOf } from "./read-interface";
import { faultsOf } from "./wire";

const NAME = /^[a-z0-9][a-z0-9-]{0,127}$/;

/**
 * Reads the two documents of a compiled pipeline strictly, and checks that all they refer to is there: no task of a
 * pipeline that was accepted fails for what its text says.
 * @throws InvalidPipelineError with one sentence per fault
 */
export function readPipeline(content: PipelinePackage): Pipeline {
  const faults = new Faults();
  const name = nameOf(content.pipelineSpec);
  const spec = pipelineSpec.safeParse(content.pipelineSpec);
  const platform = platformSpec.safeParse(content.platformSpec ?? {});
  if (!spec.success) faults.addAll(faultsOf(spec.error));
  if (!platform.success) faults.addAll(faultsOf(platform.error));
  if (!spec.success || !platform.success) throw new InvalidPipelineError(name, faults.sentences);
  const pipeline = new Reading(spec.data, platform.data, faults).pipeline();
  if (faults.any || !pipeline) throw new InvalidPipelineError(name, faults.sentences);
  return pipeline;
}

/** Name of a pipeline of which nothing is known yet. */
function nameOf(document: { readonly [key: string]: Json }): string {
  const info = document["pipelineInfo"];
  const name = typeof info === "object" && info !== null && !Array.isArray(info) ? info["name"] : undefined;
  return typeof name === "string" ? name : "";
}

/** Builds the components, each once and those it contains before it. */
class Reading {
  private readonly components = new Map<string, Component | undefined>();
  /** Components that are being built, outermost first. */
  private readonly open: string[] = [];

  constructor(
    private readonly spec: PipelineSpec,
    private readonly platform: PlatformSpec,
    private readonly faults: Faults,
  ) {}

  pipeline(): Pipeline | undefined {
    const { pipelineInfo, root, defaultPipelineRoot, components = {} } = this.spec;
    if (!NAME.test(pipelineInfo.name))
      this.faults.add(
        "pipelineInfo.name",
        `"${pipelineInfo.name}" must be 1 to 128 lower-case letters, digits and "-", the first no "-"`,
      );
    if (defaultPipelineRoot !== undefined && !/^s3:\/\/[^/]+/.test(defaultPipelineRoot))
      this.faults.add("defaultPipelineRoot", `"${defaultPipelineRoot}" must begin with s3://<bucket>`);
    this.checkPlatformLabels();
    if ("root" in components) this.faults.add("components.root", "the name is reserved for the pipeline itself");
    for (const key of Object.keys(components)) this.component(key);
    const graph = this.build("root", root, "root");
    if (graph && graph.kind !== "dag") this.faults.add("root", "must have a dag");
    if (graph?.kind !== "dag") return undefined;
    for (const artifact of Object.keys(graph.artifacts))
      this.faults.add(
        `root.inputDefinitions.artifacts.${artifact}`,
        "a run takes parameters only: import the artifact by an importer task instead",
      );
    return {
      name: pipelineInfo.name,
      displayName: pipelineInfo.displayName,
      root: graph,
      defaultPipelineRoot,
      activeDeadlineSeconds: this.platform.platforms?.kubernetes?.pipelineConfig?.activeDeadlineSeconds || undefined,
    };
  }

  /** A component by its key; undefined where it is not there or has faults of its own. */
  private component(key: string): Component | undefined {
    if (this.components.has(key)) return this.components.get(key);
    const spec = this.spec.components?.[key];
    if (!spec) return undefined;
    if (this.open.includes(key)) {
      this.faults.add(`components.${key}`, `contains itself: ${[...this.open, key].join(" → ")}`);
      return undefined;
    }
    const component = this.build(key, spec, `components.${key}`);
    this.components.set(key, component);
    return component;
  }

  private build(key: string, spec: ComponentSpec, path: string): Component | undefined {
    this.open.push(key);
    try {
      const face = interfaceOf(key, spec, path, this.faults);
      if (spec.dag && spec.executorLabel !== undefined)
        this.faults.add(path, "has both a dag and an executorLabel: keep one");
      if (spec.dag) {
        const find = (name: string) => ({
          known: this.spec.components?.[name] !== undefined,
          component: this.component(name),
        });
        return readGraph(face, spec.dag, path, find, this.faults);
      }
      if (spec.executorLabel !== undefined) return this.executor(face, spec.executorLabel, path);
      this.faults.add(path, "has neither a dag nor an executorLabel: it must have one");
      return undefined;
    } finally {
      this.open.pop();
    }
  }

  private executor(face: ReturnType<typeof interfaceOf>, label: string, path: string): Component | undefined {
    const executor = this.spec.deploymentSpec?.executors?.[label];
    if (!executor) {
      this.faults.add(`${path}.executorLabel`, `"${label}" is not among deploymentSpec.executors`);
      return undefined;
    }
    const at = `deploymentSpec.executors.${label}`;
    const { container, importer } = executor;
    if (container && importer) this.faults.add(at, "has both a container and an importer: keep one");
    if (container) return readContainer(face, container, this.platformOf(label), at, this.faults);
    if (importer) return readImporter(face, importer, at, this.faults);
    this.faults.add(at, "has neither a container nor an importer");
    return undefined;
  }

  private get platformExecutors(): Readonly<Record<string, ExecutorConfig>> {
    return this.platform.platforms?.kubernetes?.deploymentSpec?.executors ?? {};
  }

  private platformOf(label: string): { readonly config: ExecutorConfig; readonly path: string } {
    const path = `platforms.kubernetes.deploymentSpec.executors.${label}`;
    return { config: this.platformExecutors[label] ?? {}, path };
  }

  private checkPlatformLabels(): void {
    for (const label of Object.keys(this.platformExecutors))
      if (!this.spec.deploymentSpec?.executors?.[label]?.container)
        this.faults.add(
          `platforms.kubernetes.deploymentSpec.executors.${label}`,
          "has no container executor of this label in the first document",
        );
  }
}
