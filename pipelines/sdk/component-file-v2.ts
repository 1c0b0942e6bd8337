import { z } from "zod";
import type { ContainerDefinition, Word } from "./graph";
import type { Json, ParameterType, SchemaTitle, Spec, Specs } from "./types";

type Refuse = (fault: string) => never;

const parameterType = z.enum([
  "STRING",
  "NUMBER_INTEGER",
  "NUMBER_DOUBLE",
  "BOOLEAN",
  "LIST",
  "STRUCT",
  "TASK_FINAL_STATUS",
]) satisfies z.ZodType<ParameterType>;

const schemaTitle = z.enum([
  "system.Artifact",
  "system.Dataset",
  "system.Model",
  "system.Metrics",
  "system.ClassificationMetrics",
  "system.HTML",
  "system.Markdown",
]) satisfies z.ZodType<SchemaTitle>;

const artifact = z.strictObject({
  artifactType: z.strictObject({ schemaTitle, schemaVersion: z.string().optional() }),
  isArtifactList: z.boolean().optional(),
  description: z.string().optional(),
});

const inputs = z.strictObject({
  parameters: z
    .record(
      z.string(),
      z.strictObject({
        parameterType,
        defaultValue: z.json().optional(),
        isOptional: z.boolean().optional(),
        description: z.string().optional(),
        literals: z.array(z.json()).optional(),
      }),
    )
    .optional(),
  artifacts: z.record(z.string(), artifact).optional(),
});

const outputs = z.strictObject({
  parameters: z.record(z.string(), z.strictObject({ parameterType, description: z.string().optional() })).optional(),
  artifacts: z.record(z.string(), artifact).optional(),
});

const file = z.strictObject({
  pipelineInfo: z.strictObject({
    name: z.string(),
    displayName: z.string().optional(),
    description: z.string().optional(),
  }),
  root: z.object({
    dag: z.object({
      tasks: z.record(z.string(), z.object({ componentRef: z.strictObject({ name: z.string() }) })),
    }),
  }),
  components: z.record(
    z.string(),
    z.strictObject({
      executorLabel: z.string().optional(),
      dag: z.unknown().optional(),
      inputDefinitions: inputs.optional(),
      outputDefinitions: outputs.optional(),
    }),
  ),
  deploymentSpec: z.strictObject({
    executors: z.record(
      z.string(),
      z.strictObject({
        container: z.strictObject({
          image: z.string().min(1),
          command: z.array(z.string()).default([]),
          args: z.array(z.string()).default([]),
          env: z.array(z.strictObject({ name: z.string(), value: z.string() })).default([]),
        }),
      }),
    ),
  }),
  schemaVersion: z.literal("2.1.0"),
  sdkVersion: z.string().optional(),
});

/** The form that Kubeflow compiles a component to: the IR of a pipeline with one step. */
export function fromSecondForm(content: unknown, refuse: Refuse): ContainerDefinition {
  const parsed = file.safeParse(content);
  if (!parsed.success) return refuse(`it is no component.\n${z.prettifyError(parsed.error)}`);
  const { pipelineInfo, root, components, deploymentSpec } = parsed.data;
  const tasks = Object.values(root.dag.tasks);
  const [task] = tasks;
  if (!task || tasks.length > 1)
    return refuse(`it has ${tasks.length} steps, so it is a pipeline. Load a file with one component.`);
  const component = components[task.componentRef.name];
  const container = deploymentSpec.executors[component?.executorLabel ?? ""]?.container;
  if (!component || !container)
    return refuse(`component "${task.componentRef.name}" runs no container of it. Compile the component again.`);
  const { image, command, args, env } = container;
  const description = pipelineInfo.description;
  return {
    kind: "container",
    name: pipelineInfo.name,
    ...(description !== undefined && { description }),
    inputs: specsOf(component.inputDefinitions),
    outputs: specsOf(component.outputDefinitions),
    image,
    command: command.map((word) => wordOf(word, refuse)),
    args: args.map((word) => wordOf(word, refuse)),
    env: Object.fromEntries(env.map(({ name, value }) => [name, value])),
  };
}

function specsOf(definitions: z.infer<typeof inputs> | undefined): Specs {
  const specs: Record<string, Spec> = {};
  for (const [name, { defaultValue, isOptional, ...rest }] of Object.entries(definitions?.parameters ?? {})) {
    const omissible = isOptional === true || defaultValue !== undefined;
    specs[name] = { ...rest, omissible, ...(defaultValue !== undefined && { default: defaultValue as Json }) };
  }
  for (const [name, { artifactType, isArtifactList = false, description }] of Object.entries(
    definitions?.artifacts ?? {},
  )) {
    specs[name] = {
      schemaTitle: artifactType.schemaTitle,
      isList: isArtifactList,
      ...(description !== undefined && { description }),
    };
  }
  return specs;
}

const conditional = z.strictObject({
  IfPresent: z.strictObject({
    InputName: z.string(),
    Then: z.union([z.array(z.string()), z.string().transform((one) => [one])]),
    Else: z.union([z.array(z.string()), z.string().transform((one) => [one])]).default([]),
  }),
});
const joined = z.strictObject({ Concat: z.array(z.string()) });

/** Placeholders that stand as JSON inside a word. */
function wordOf(word: string, refuse: Refuse): Word {
  if (!/^\{"(IfPresent|Concat)"/.test(word)) return word;
  const content: unknown = JSON.parse(word);
  // The backend joins nothing: the parts stand in one word, where placeholders are found as well.
  const parts = joined.safeParse(content);
  if (parts.success) return parts.data.Concat.join("");
  const parsed = conditional.safeParse(content);
  if (!parsed.success)
    return refuse(`"${word}" nests placeholders, which the backend does not run. Write them as words of their own.`);
  const { InputName, Then, Else } = parsed.data.IfPresent;
  return { ifPresent: InputName, then: Then, otherwise: Else };
}
