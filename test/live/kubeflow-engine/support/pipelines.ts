import type { JsonObject, PipelinePackage } from "../../../../local/kubeflow/model";
import { after, constant, fromInput, graph, pipeline, step, task } from "../../../kubeflow/support/specs";
import { shell } from "./shell";

/** Three steps one after the other that may be cached; another word makes other steps. */
export function threeEchoes(word: string): PipelinePackage {
  const echo = (name: string, ...before: string[]) =>
    task("echo", {
      ...after(...before),
      cachingOptions: { enableCache: true },
      inputs: { parameters: { word: constant(`${word} ${name}`) } },
    });
  return pipeline(graph({ first: echo("one"), second: echo("two", "first"), third: echo("three", "second") }), {
    echo: step({
      inputs: { word: "STRING" },
      container: shell("echo {{$.inputs.parameters['word']}} from $KFP_POD_NAME"),
    }),
  });
}

/** A hundred steps named `work`, in two loops side by side. */
export function hundredTasks(): PipelinePackage {
  const items = JSON.stringify(Array.from({ length: 50 }, (_, index) => index));
  const loop = (name: string): JsonObject => ({
    parameterIterator: { itemInput: "item", items: { raw: items } },
    componentRef: { name: `comp-${name}` },
  });
  const body = { inputDefinitions: { parameters: { item: { parameterType: "NUMBER_INTEGER" } } } };
  const inner = graph({ work: task("work", { inputs: { parameters: { item: fromInput("item") } } }) }, body);
  return pipeline(graph({ left: loop("left"), right: loop("right") }), {
    left: inner,
    right: inner,
    work: step({ inputs: { item: "NUMBER_INTEGER" }, container: shell("echo {{$.inputs.parameters['item']}}") }),
  });
}
