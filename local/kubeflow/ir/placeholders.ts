/** What a placeholder such as `{{$.inputs.parameters['n']}}` stands for. */
export type Reference =
  | { readonly kind: "input-parameter"; readonly name: string }
  | { readonly kind: "output-file"; readonly name: string }
  | {
      readonly kind: "artifact";
      readonly side: "inputs" | "outputs";
      readonly name: string;
      readonly property: "uri" | "path" | "name";
    }
  | { readonly kind: "metadata"; readonly side: "inputs" | "outputs"; readonly name: string; readonly key: string }
  /** The whole executor input, as JSON. */
  | { readonly kind: "executor-input" }
  | { readonly kind: "executor-output-file" }
  | { readonly kind: "run"; readonly field: RunField };

export const RUN_FIELDS = [
  "pipeline_job_name",
  "pipeline_job_resource_name",
  "pipeline_job_uuid",
  "pipeline_task_name",
  "pipeline_task_uuid",
  "pipeline_job_create_time_utc",
  "pipeline_job_schedule_time_utc",
  "pipeline_root",
] as const;
export type RunField = (typeof RUN_FIELDS)[number];

/** A text in which some parts are placeholders. */
export type Template = readonly (string | Reference)[];

/** An element of a command: text, parts joined to one text, or a choice by whether an input was given. */
export type Argument =
  | { readonly kind: "text"; readonly template: Template }
  | { readonly kind: "concat"; readonly items: readonly Argument[] }
  | {
      readonly kind: "if-present";
      readonly input: string;
      readonly then: readonly Argument[];
      readonly otherwise: readonly Argument[];
    };

const PLACEHOLDER = /\{\{\$([^{}]*)\}\}/g;
const NAME = String.raw`\[['"]([^'"\]]+)['"]\]`;
const FORMS: readonly (readonly [RegExp, (...groups: string[]) => Reference | undefined])[] = [
  [new RegExp(`^\\.inputs\\.parameters${NAME}$`), (name) => ({ kind: "input-parameter", name })],
  [new RegExp(`^\\.outputs\\.parameters${NAME}\\.output_file$`), (name) => ({ kind: "output-file", name })],
  [
    new RegExp(`^\\.(inputs|outputs)\\.artifacts${NAME}\\.(uri|path|name)$`),
    (side, name, property) => ({
      kind: "artifact",
      side: side as "inputs" | "outputs",
      name,
      property: property as "uri" | "path" | "name",
    }),
  ],
  [
    new RegExp(`^\\.(inputs|outputs)\\.artifacts${NAME}\\.metadata${NAME}$`),
    (side, name, key) => ({ kind: "metadata", side: side as "inputs" | "outputs", name, key }),
  ],
  [/^$/, () => ({ kind: "executor-input" })],
  [/^\.(?:outputs\.output_file|outputMetadataUri)$/, () => ({ kind: "executor-output-file" })],
  [/^\.(\w+)$/, (name) => (isRunField(name) ? { kind: "run", field: name } : undefined)],
];

/** Splits a text at its placeholders. @throws Error that quotes a placeholder that stands for nothing */
export function parseTemplate(text: string): Template {
  const parts: (string | Reference)[] = [];
  let end = 0;
  for (const match of text.matchAll(PLACEHOLDER)) {
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(referenceOf(match[0], match[1] ?? ""));
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}

function referenceOf(placeholder: string, body: string): Reference {
  for (const [form, build] of FORMS) {
    const match = form.exec(body);
    const reference = match && build(...match.slice(1));
    if (reference) return reference;
  }
  throw new Error(`the placeholder ${placeholder} is not one that this backend knows`);
}

function isRunField(name: string): name is RunField {
  return (RUN_FIELDS as readonly string[]).includes(name);
}

/** Reads an element of a command, `{"IfPresent": …}` and `{"Concat": […]}` included. @throws Error */
export function parseArgument(text: string): Argument {
  if (/^\s*\{\s*"(?:IfPresent|Concat)"\s*:/.test(text)) {
    const value = json(text);
    if (value !== undefined) return structured(value, text);
  }
  return { kind: "text", template: parseTemplate(text) };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // A text that only begins like one.
  }
}

function structured(value: unknown, text: string): Argument {
  if (typeof value === "string") return { kind: "text", template: parseTemplate(value) };
  const { Concat, IfPresent } = (value ?? {}) as { Concat?: unknown; IfPresent?: unknown };
  if (Array.isArray(Concat)) return { kind: "concat", items: Concat.map((item) => structured(item, text)) };
  const { InputName, Then, Else } = (IfPresent ?? {}) as { InputName?: unknown; Then?: unknown; Else?: unknown };
  if (typeof InputName !== "string" || Then === undefined)
    throw new Error(`the argument ${text} is neither a whole IfPresent nor a whole Concat`);
  const list = (items: unknown) => [items ?? []].flat().map((item) => structured(item, text));
  return { kind: "if-present", input: InputName, then: list(Then), otherwise: list(Else) };
}

/** All references of an argument; those inside a choice are only needed where its input was given. */
export function referencesOf(argument: Argument): { reference: Reference; onlyWith?: string }[] {
  if (argument.kind === "text")
    return argument.template.flatMap((part) => (typeof part === "string" ? [] : { reference: part }));
  if (argument.kind === "concat") return argument.items.flatMap(referencesOf);
  const then = argument.then.flatMap(referencesOf).map((found) => ({ onlyWith: argument.input, ...found }));
  return [...then, ...argument.otherwise.flatMap(referencesOf)];
}
