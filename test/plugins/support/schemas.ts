import type { AttributeMessage, BlockMessage, NestedBlockMessage } from "../../../local/plugins/scaleway/protocol";
import { readSchema, type ObjectType } from "../../../local/plugins/scaleway/schema";

const NESTING = { single: 1, list: 2, set: 3 } as const;

/** An attribute as the provider describes it; a string unless `type` says otherwise (JSON of a type). */
export function attribute(
  name: string,
  options: Partial<Omit<AttributeMessage, "name" | "type">> & { readonly type?: unknown } = {},
): AttributeMessage {
  const { type = "string", ...flags } = options;
  return {
    name,
    type: Buffer.from(JSON.stringify(type)),
    nested_type: null,
    required: false,
    optional: flags.computed !== true,
    computed: false,
    sensitive: false,
    write_only: false,
    ...flags,
  };
}

export function block(
  name: string,
  content: BlockMessage,
  nesting: keyof typeof NESTING,
  maxItems = 0,
): NestedBlockMessage {
  return { type_name: name, block: content, nesting: NESTING[nesting], min_items: 0, max_items: maxItems };
}

export function objectSchema(content: BlockMessage): ObjectType {
  return readSchema({ version: 0, block: content }).type;
}
