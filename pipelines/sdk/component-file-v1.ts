import { z } from "zod";
import type { ContainerDefinition, Word } from "./graph";
import { isParameter, type Json, type ParameterType, type SchemaTitle, type Spec, type Specs } from "./types";

type Refuse = (fault: string) => never;

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);

type Argument =
  | string
  | { inputValue: string }
  | { inputPath: string }
  | { inputUri: string }
  | { outputPath: string }
  | { outputUri: string }
  | { executorInput: null }
  | { concat: Argument[] }
  | { if: { cond: { isPresent: string }; then: Argument[]; else: Argument[] } };

const argument: z.ZodType<Argument> = z.lazy(() => {
  const several = z.union([z.array(argument), argument.transform((one) => [one])]);
  return z.union([
    text,
    z.strictObject({ inputValue: z.string() }),
    z.strictObject({ inputPath: z.string() }),
    z.strictObject({ inputUri: z.string() }),
    z.strictObject({ outputPath: z.string() }),
    z.strictObject({ outputUri: z.string() }),
    z.strictObject({ executorInput: z.null() }),
    z.strictObject({ concat: z.array(argument) }),
    z.strictObject({
      if: z.strictObject({
        cond: z.strictObject({ isPresent: z.string() }),
        then: several,
        else: several.default([]),
      }),
    }),
  ]);
});

const port = { name: z.string().min(1), type: z.unknown().optional(), description: z.string().optional() };
const annotations = z.record(z.string(), z.unknown()).optional();

const file = z.strictObject({
  name: z.string().min(1),
  description: z.string().optional(),
  metadata: z.strictObject({ annotations, labels: annotations }).optional(),
  inputs: z
    .array(z.strictObject({ ...port, default: z.unknown().optional(), optional: z.boolean().optional(), annotations }))
    .default([]),
  outputs: z.array(z.strictObject({ ...port, annotations })).default([]),
  implementation: z.strictObject({
    container: z.strictObject({
      image: z.string().min(1),
      command: z.array(argument).default([]),
      args: z.array(argument).default([]),
      env: z.record(z.string(), text).default({}),
    }),
  }),
});

/** The form of the first `component.yaml`: inputs and outputs in lists, placeholders as objects. */
export function fromFirstForm(content: unknown, refuse: Refuse): ContainerDefinition {
  const parsed = file.safeParse(content);
  if (!parsed.success) return refuse(`it is no component.\n${z.prettifyError(parsed.error)}`);
  const { name, description, inputs, outputs, implementation } = parsed.data;
  const { image, command, args, env } = implementation.container;
  const specs: Interface = {
    inputs: ports("input", inputs, refuse),
    outputs: ports("output", outputs, refuse),
  };
  const words = (list: readonly Argument[]) => list.map((given) => wordOf(given, specs, refuse));
  return {
    kind: "container",
    name: kebab(name),
    ...(description !== undefined && { description }),
    ...specs,
    image,
    command: words(command),
    args: words(args),
    env,
  };
}

interface Interface {
  readonly inputs: Specs;
  readonly outputs: Specs;
}

const kebab = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");

/** As Kubeflow names them: lower case, anything else than letters and digits is `_`. */
const fieldName = (name: string) =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, "_")
    .replace(/^_+|_+$/g, "");

const PARAMETERS: Readonly<Record<string, ParameterType>> = {
  integer: "NUMBER_INTEGER",
  int: "NUMBER_INTEGER",
  double: "NUMBER_DOUBLE",
  float: "NUMBER_DOUBLE",
  string: "STRING",
  str: "STRING",
  text: "STRING",
  bool: "BOOLEAN",
  boolean: "BOOLEAN",
  dict: "STRUCT",
  jsonobject: "STRUCT",
  list: "LIST",
  jsonarray: "LIST",
  pipelinetaskfinalstatus: "TASK_FINAL_STATUS",
};

const ARTIFACTS: Readonly<Record<string, SchemaTitle>> = {
  dataset: "system.Dataset",
  model: "system.Model",
  metrics: "system.Metrics",
  classificationmetrics: "system.ClassificationMetrics",
  html: "system.HTML",
  markdown: "system.Markdown",
};

function ports(
  side: "input" | "output",
  list: readonly { name: string; type?: unknown; description?: string; default?: unknown; optional?: boolean }[],
  refuse: Refuse,
): Specs {
  const specs: Record<string, Spec> = {};
  for (const { name, type, description, default: given, optional = false } of list) {
    const field = fieldName(name);
    if (field in specs) refuse(`two ${side}s are called "${field}" ("${name}" is the second). Rename one.`);
    const known = typeof type === "string" ? type.toLowerCase().replace(/\[.*$/, "") : "";
    const parameterType = PARAMETERS[known];
    const described = description === undefined ? {} : { description };
    if (parameterType === undefined) {
      if (optional || given !== undefined)
        refuse(
          `input "${field}" is an optional artifact, which the backend does not run. Make it required, or a parameter.`,
        );
      // Any other type is known to nobody but the file's author: Kubeflow, too, takes it for a plain artifact.
      specs[field] = { schemaTitle: ARTIFACTS[known] ?? "system.Artifact", isList: false, ...described };
    } else {
      const omissible = side === "input" && (optional || given !== undefined);
      const value = given === undefined ? {} : { default: defaultOf(given, parameterType, field, refuse) };
      specs[field] = { parameterType, omissible, ...value, ...described };
    }
  }
  return specs;
}

/** Defaults are often written as strings, whatever the type. */
function defaultOf(given: unknown, type: ParameterType, field: string, refuse: Refuse): Json {
  if (type === "STRING") return typeof given === "string" ? given : JSON.stringify(given);
  if (typeof given !== "string") return given as Json;
  if (type === "BOOLEAN" && /^(true|false)$/i.test(given)) return given.toLowerCase() === "true";
  try {
    return JSON.parse(given) as Json;
  } catch {
    return refuse(`default "${given}" of input "${field}" is not ${type}. Correct it.`);
  }
}

function wordOf(given: Argument, specs: Interface, refuse: Refuse): Word {
  if (typeof given === "object" && "if" in given) {
    const { cond, then, else: otherwise } = given.if;
    const plain = (list: readonly Argument[]) => list.map((one) => mention(one, specs, refuse));
    const ifPresent = fieldName(cond.isPresent);
    if (!(ifPresent in specs.inputs))
      refuse(`isPresent names input "${cond.isPresent}", which there is not. Declare it.`);
    return { ifPresent, then: plain(then), otherwise: plain(otherwise) };
  }
  return mention(given, specs, refuse);
}

/** One word without conditions. */
function mention(given: Argument, specs: Interface, refuse: Refuse): string {
  if (typeof given === "string") return given;
  // The backend joins nothing: the parts stand in one word, where placeholders are found as well.
  if ("concat" in given) return given.concat.map((part) => mention(part, specs, refuse)).join("");
  if ("if" in given)
    return refuse(
      "an `if` stands inside another placeholder, which the backend does not run. Put it into a word of its own.",
    );
  if ("executorInput" in given) return "{{$}}";
  const [key, name] = Object.entries(given)[0] as [string, string];
  const side = key.startsWith("input") ? "inputs" : "outputs";
  const field = fieldName(name);
  const spec = specs[side][field];
  if (!spec) return refuse(`${key} names "${name}", which is not among its ${side}. Declare it there.`);
  if (key === "inputValue") {
    if (isParameter(spec)) return `{{$.inputs.parameters['${field}']}}`;
    return refuse(`inputValue names "${name}", which is an artifact. Use inputPath, or declare a parameter's type.`);
  }
  if (isParameter(spec)) {
    if (key === "outputPath") return `{{$.outputs.parameters['${field}'].output_file}}`;
    return refuse(
      `${key} names "${name}", which is a parameter. Use inputValue, or declare an artifact's type, such as Dataset.`,
    );
  }
  return `{{$.${side}.artifacts['${field}'].${key.endsWith("Uri") ? "uri" : "path"}}}`;
}
