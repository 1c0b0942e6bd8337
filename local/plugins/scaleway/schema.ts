import { propertyName } from "./names";
import type { AttributeMessage, BlockMessage, SchemaMessage } from "./protocol";

/** Type of a value in the provider's own terms. */
export type Type =
  | { readonly kind: "string" | "number" | "bool" | "dynamic" }
  | { readonly kind: "list" | "set" | "map"; readonly element: Type }
  | ObjectType;

export interface ObjectType {
  readonly kind: "object";
  /** By name in the provider. */
  readonly fields: Readonly<Record<string, Field>>;
}

/** One attribute or nested block. */
export interface Field {
  /** Name in the provider, such as `private_network`. */
  readonly name: string;
  /** Name in Pulumi, such as `privateNetworks`. */
  readonly property: string;
  readonly type: Type;
  /** A list or set that holds at most one item: Pulumi has the item itself there. */
  readonly single: boolean;
  /** Its parts are planned one by one (blocks and nested attributes); other values are configured as a whole. */
  readonly structured: boolean;
  /** A nested block: where the configuration has none it is the empty list, not null. */
  readonly block: boolean;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly sensitive: boolean;
  readonly writeOnly: boolean;
}

/** A resource, data source or the provider's own configuration. */
export interface Schema {
  readonly version: number;
  readonly type: ObjectType;
  /** Operations whose time limit can be set (`create`, `delete`, `default`…). */
  readonly timeouts: readonly string[];
}

/** Top-level names that no Pulumi property stands for. */
const HIDDEN = new Set(["id", "timeouts"]);

/** Names of nesting modes, by their number in the protocol. */
const NESTING = ["invalid", "single", "list", "set", "map", "group"] as const;

export function readSchema(message: SchemaMessage): Schema {
  const type = blockType(message.block);
  const timeouts = type.fields["timeouts"]?.type;
  return { version: message.version, type, timeouts: timeouts?.kind === "object" ? Object.keys(timeouts.fields) : [] };
}

/** Fields of a top-level object that are Pulumi properties. */
export function properties({ fields }: ObjectType): Field[] {
  return Object.values(fields).filter(({ name }) => !HIDDEN.has(name));
}

/** Whether a program may set a field. */
export function isInput({ required, optional, block }: Field): boolean {
  return required || optional || block;
}

function blockType({ attributes, block_types: blocks }: BlockMessage): ObjectType {
  const siblings = new Set([...attributes.map(({ name }) => name), ...blocks.map(({ type_name: name }) => name)]);
  const fields: Record<string, Field> = {};
  for (const attribute of attributes) fields[attribute.name] = attributeField(attribute, siblings);
  for (const { type_name: name, block, nesting, max_items: maxItems } of blocks) {
    const mode = NESTING[nesting] ?? "invalid";
    const type = nested(mode, blockType(block));
    const single = isCollection(type) && maxItems === 1;
    fields[name] = {
      name,
      property: propertyName(name, { plural: isCollection(type) && !single, siblings }),
      type,
      single,
      structured: true,
      block: true,
      required: false,
      optional: false,
      computed: false,
      sensitive: false,
      writeOnly: false,
    };
  }
  return { kind: "object", fields };
}

function attributeField(attribute: AttributeMessage, siblings: ReadonlySet<string>): Field {
  const nestedType = attribute.nested_type;
  const type = nestedType
    ? nested(
        NESTING[nestedType.nesting] ?? "invalid",
        blockType({ attributes: nestedType.attributes, block_types: [] }),
      )
    : readType(JSON.parse(attribute.type.toString("utf8")));
  return {
    name: attribute.name,
    property: propertyName(attribute.name, { plural: isCollection(type), siblings }),
    type,
    single: false,
    structured: nestedType !== null,
    block: false,
    required: attribute.required,
    optional: attribute.optional,
    computed: attribute.computed,
    sensitive: attribute.sensitive,
    writeOnly: attribute.write_only,
  };
}

function nested(mode: (typeof NESTING)[number], object: ObjectType): Type {
  if (mode === "list" || mode === "set" || mode === "map") return { kind: mode, element: object };
  if (mode === "single" || mode === "group") return object;
  throw new Error("The provider's schema has a nested value whose nesting this bridge does not know.");
}

function isCollection({ kind }: Type): boolean {
  return kind === "list" || kind === "set";
}

/** Reads the JSON of a type: `"string"`, `["list", "string"]`, `["object", {"a": "number"}]`. */
function readType(json: unknown): Type {
  if (json === "string" || json === "number" || json === "bool" || json === "dynamic") return { kind: json };
  const [kind, inner] = json as [string, unknown];
  if (kind === "list" || kind === "set" || kind === "map") return { kind, element: readType(inner) };
  if (kind !== "object")
    throw new Error(`The provider's schema has a type that this bridge does not know: ${JSON.stringify(json)}`);
  const parts = inner as Record<string, unknown>;
  const siblings = new Set(Object.keys(parts));
  const fields = Object.entries(parts).map(
    ([name, part]) => [name, partField(name, readType(part), siblings)] as const,
  );
  return { kind: "object", fields: Object.fromEntries(fields) };
}

/** A part of an object that is configured as a whole: the schema says nothing more about it. */
function partField(name: string, type: Type, siblings: ReadonlySet<string>): Field {
  return {
    name,
    property: propertyName(name, { plural: isCollection(type), siblings }),
    type,
    single: false,
    structured: false,
    block: false,
    required: false,
    optional: true,
    computed: false,
    sensitive: false,
    writeOnly: false,
  };
}
