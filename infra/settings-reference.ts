import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { NAMESPACE, settingsSchema } from "./settings";

/** Where people find the settings. */
export const REFERENCE_FILE = join(__dirname, "..", "docs", "configuration.md");

type JsonSchema = z.core.JSONSchema.JSONSchema;

const INTRODUCTION = `# Configuration

Everything that may differ between environments stands in \`stacks/Pulumi.<environment>.yaml\`, under the keys below.
A file holds only what differs from the defaults, each with its reason. The program reads all of it before it makes
anything, and tells every mistake at once: the key, its value, and what would be right. Editors that know the YAML
language server complete the keys from \`stacks/settings.schema.json\`.

Settings hold no secrets: what is secret is made by the program (API keys, tokens) and kept in the state, encrypted, and
in Scaleway's Secret Manager. The deploying key itself comes from the environment (\`SCW_ACCESS_KEY\`, \`SCW_SECRET_KEY\`).

**Rotation.** API keys of what runs in the cluster end at \`apiKeysExpireAt\`. Set a later time and deploy: new keys are
made, handed to the cluster, and the old ones deleted.

**First deploy of an environment.** Images need a registry before they can be pushed, so there are two passes:
\`pulumi up --target '**recommender:cloud:**'\` (registry, buckets, network, cluster), then build and push the images, then \`pulumi up\`.

This page is written by \`npx tsx infra/settings-reference.ts\`.
`;

/** The page about all settings, made from their schema. */
export function reference(): string {
  const schema = z.toJSONSchema(settingsSchema, { io: "input" });
  const sections = Object.entries(schema.properties ?? {}).map(([name, section]) => {
    const { description = "", ...rest } = section as JsonSchema;
    const rows = rowsOf(rest, "").map((row) => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`);
    const table = ["| Key | Value | Default | Meaning |", "|---|---|---|---|", ...rows].join("\n");
    return `## \`${NAMESPACE}:${name}\`\n\n${description}\n\n${table}\n`;
  });
  return [INTRODUCTION, ...sections].join("\n");
}

function rowsOf(schema: JsonSchema, path: string): string[][] {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).flatMap(([name, value]) => {
    const property = value as JsonSchema;
    const key = path ? `${path}.${name}` : name;
    const { additionalProperties: entries } = property;
    const standard =
      property.default === undefined ? (required.includes(name) ? "required" : "") : code(property.default);
    const row = [`\`${key}\``, typeOf(property), standard, property.description ?? ""];
    if (property.anyOf ?? property.oneOf) return [row, ...alternatives(property, key)];
    if (property.properties) return [...(property.description ? [row] : []), ...rowsOf(property, key)];
    if (typeof entries === "object" && entries.properties) return [row, ...rowsOf(entries, `${key}.<name>`)];
    return [row];
  });
}

/** Rows of the kinds of a setting that is one of several groups; each group names itself by its first key. */
function alternatives(property: JsonSchema, key: string): string[][] {
  return (property.anyOf ?? property.oneOf ?? []).flatMap((kind) => rowsOf(kind, key));
}

function typeOf({ type, enum: values, const: only, minimum, maximum }: JsonSchema): string {
  if (only !== undefined) return code(only);
  if (values) return values.map(code).join(", ");
  const least = minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? "" : ` from ${minimum}`;
  const most = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? "" : ` to ${maximum}`;
  const names: Record<string, string> = { string: "text", integer: "whole number", object: "group", array: "list" };
  const name = typeof type === "string" ? type : "group";
  return `${names[name] ?? name}${least}${most}`;
}

function code(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return `\`${text}\``;
}

if (require.main === module) writeFileSync(REFERENCE_FILE, reference());
