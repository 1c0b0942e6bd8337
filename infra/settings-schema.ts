import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { NAMESPACE, settingsSchema } from "./settings";

/** Where editors find the schema; the first line of each stack file names it. */
export const SCHEMA_FILE = join(__dirname, "..", "stacks", "settings.schema.json");

/**
 * The JSON schema of a stack file, for editors. Rules over several fields are not in it: only the program knows them.
 * Written anew by `npx tsx infra/settings-schema.ts`.
 */
export function stackFileSchema(): string {
  const { $schema, properties, ...rest } = z.toJSONSchema(settingsSchema, {
    io: "input",
  });
  const namespaced = Object.fromEntries(
    Object.entries(properties ?? {}).map(([key, value]) => [`${NAMESPACE}:${key}`, value]),
  );
  const config = {
    ...rest,
    properties: namespaced,
    required: Object.keys(namespaced),
    // Other namespaces (scaleway:, pulumi:) are not ours to judge; in ours, these keys are all.
    additionalProperties: true,
    propertyNames: { anyOf: [{ not: { pattern: `^${NAMESPACE}:` } }, { enum: Object.keys(namespaced) }] },
  };
  const schema = { $schema, title: "Stack of the recommender platform", type: "object", properties: { config } };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

if (require.main === module) writeFileSync(SCHEMA_FILE, stackFileSchema());
