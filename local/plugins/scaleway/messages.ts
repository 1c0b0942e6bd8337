import type { ServiceClientConstructor } from "@grpc/grpc-js";
import { loadPackageDefinition } from "@grpc/grpc-js";
import { fromJSON } from "@grpc/proto-loader";

// The part of Terraform's plugin protocol 6 (and of the process control beside it) that a bridge needs, as
// `name: "[repeated] type number"`. Enumerations are plain numbers.
const SCHEMA = {
  Schema: { version: "int64 1", block: "Block 2" },
  Block: { attributes: "repeated Attribute 2", block_types: "repeated NestedBlock 3" },
  Attribute: {
    name: "string 1",
    type: "bytes 2",
    nested_type: "ObjectType 10",
    required: "bool 4",
    optional: "bool 5",
    computed: "bool 6",
    sensitive: "bool 7",
    write_only: "bool 11",
  },
  NestedBlock: {
    type_name: "string 1",
    block: "Block 2",
    nesting: "int32 3",
    min_items: "int64 4",
    max_items: "int64 5",
  },
  ObjectType: { attributes: "repeated Attribute 1", nesting: "int32 3" },
};

const COMMON = {
  DynamicValue: { msgpack: "bytes 1", json: "bytes 2" },
  Diagnostic: { severity: "int32 1", summary: "string 2", detail: "string 3", attribute: "AttributePath 4" },
  AttributePath: { steps: "repeated Step 1" },
  RawState: { json: "bytes 1" },
  Identity: { identity_data: "DynamicValue 1" },
  Capabilities: { deferral_allowed: "bool 1", write_only_attributes_allowed: "bool 2" },
  Diagnostics: { diagnostics: "repeated Diagnostic 1" },
  Empty: {},
};

const CALLS = {
  SchemaResponse: {
    provider: "Schema 1",
    resource_schemas: "map Schema 2",
    data_source_schemas: "map Schema 3",
    diagnostics: "repeated Diagnostic 4",
  },
  ProviderConfigRequest: { config: "DynamicValue 1" },
  ProviderConfigResponse: { diagnostics: "repeated Diagnostic 2" },
  ConfigureRequest: { terraform_version: "string 1", config: "DynamicValue 2", client_capabilities: "Capabilities 3" },
  ValidateRequest: { type_name: "string 1", config: "DynamicValue 2", client_capabilities: "Capabilities 3" },
  UpgradeRequest: { type_name: "string 1", version: "int64 2", raw_state: "RawState 3" },
  UpgradeResponse: { upgraded_state: "DynamicValue 1", diagnostics: "repeated Diagnostic 2" },
  PlanRequest: {
    type_name: "string 1",
    prior_state: "DynamicValue 2",
    proposed_new_state: "DynamicValue 3",
    config: "DynamicValue 4",
    prior_private: "bytes 5",
    client_capabilities: "Capabilities 7",
    prior_identity: "Identity 8",
  },
  PlanResponse: {
    planned_state: "DynamicValue 1",
    requires_replace: "repeated AttributePath 2",
    planned_private: "bytes 3",
    diagnostics: "repeated Diagnostic 4",
    planned_identity: "Identity 7",
  },
  ApplyRequest: {
    type_name: "string 1",
    prior_state: "DynamicValue 2",
    planned_state: "DynamicValue 3",
    config: "DynamicValue 4",
    planned_private: "bytes 5",
    planned_identity: "Identity 7",
  },
  ApplyResponse: {
    new_state: "DynamicValue 1",
    private: "bytes 2",
    diagnostics: "repeated Diagnostic 3",
    new_identity: "Identity 5",
  },
  ReadRequest: {
    type_name: "string 1",
    current_state: "DynamicValue 2",
    private: "bytes 3",
    client_capabilities: "Capabilities 5",
    current_identity: "Identity 6",
  },
  ReadResponse: {
    new_state: "DynamicValue 1",
    diagnostics: "repeated Diagnostic 2",
    private: "bytes 3",
    new_identity: "Identity 5",
  },
  ImportRequest: { type_name: "string 1", id: "string 2", client_capabilities: "Capabilities 3" },
  Imported: { type_name: "string 1", state: "DynamicValue 2", private: "bytes 3", identity: "Identity 4" },
  ImportResponse: { imported_resources: "repeated Imported 1", diagnostics: "repeated Diagnostic 2" },
  DataRequest: { type_name: "string 1", config: "DynamicValue 2", client_capabilities: "Capabilities 4" },
  DataResponse: { state: "DynamicValue 1", diagnostics: "repeated Diagnostic 2" },
  StopResponse: { Error: "string 1" },
};

const METHODS = {
  GetProviderSchema: ["Empty", "SchemaResponse"],
  ValidateProviderConfig: ["ProviderConfigRequest", "ProviderConfigResponse"],
  ConfigureProvider: ["ConfigureRequest", "Diagnostics"],
  ValidateResourceConfig: ["ValidateRequest", "Diagnostics"],
  ValidateDataResourceConfig: ["ValidateRequest", "Diagnostics"],
  UpgradeResourceState: ["UpgradeRequest", "UpgradeResponse"],
  PlanResourceChange: ["PlanRequest", "PlanResponse"],
  ApplyResourceChange: ["ApplyRequest", "ApplyResponse"],
  ReadResource: ["ReadRequest", "ReadResponse"],
  ImportResourceState: ["ImportRequest", "ImportResponse"],
  ReadDataSource: ["DataRequest", "DataResponse"],
  StopProvider: ["Empty", "StopResponse"],
} as const;

interface FieldDefinition {
  readonly id: number;
  readonly type: string;
  readonly rule?: "repeated";
  readonly keyType?: "string";
}

/** Reads `repeated Diagnostic 4`, `map Schema 2`, `bytes 1`. */
function field(text: string): FieldDefinition {
  const words = text.split(" ");
  const id = Number(words.at(-1));
  const type = words.at(-2)!;
  if (words[0] === "repeated") return { id, type, rule: "repeated" };
  return words[0] === "map" ? { id, type, keyType: "string" } : { id, type };
}

function messageTypes(definitions: Readonly<Record<string, Readonly<Record<string, string>>>>) {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, fields]) => {
      return [name, { fields: Object.fromEntries(Object.entries(fields).map(([key, text]) => [key, field(text)])) }];
    }),
  );
}

// A step of a path names exactly one of these; only a oneof tells an index of 0 from no index.
const STEP = {
  oneofs: { selector: { oneof: ["attribute_name", "element_key_string", "element_key_int"] } },
  fields: {
    attribute_name: field("string 1"),
    element_key_string: field("string 2"),
    element_key_int: field("int64 3"),
  },
};

function method(requestType: string, responseType: string) {
  return { requestType, responseType, comment: "" };
}

const definition = fromJSON(
  {
    nested: {
      tfplugin6: {
        nested: {
          ...messageTypes({ ...SCHEMA, ...COMMON, ...CALLS }),
          Step: STEP,
          Provider: {
            methods: Object.fromEntries(
              Object.entries(METHODS).map(([name, [request, response]]) => [name, method(request, response)]),
            ),
          },
        },
      },
      plugin: {
        nested: {
          Empty: { fields: {} },
          GRPCController: { methods: { Shutdown: method("Empty", "Empty") } },
        },
      },
    },
  },
  { keepCase: true, longs: Number, defaults: true, arrays: true, objects: true, oneofs: true },
);

const packages = loadPackageDefinition(definition) as unknown as {
  readonly tfplugin6: { readonly Provider: ServiceClientConstructor };
  readonly plugin: { readonly GRPCController: ServiceClientConstructor };
};

/** gRPC clients of the provider and of the process it runs in. */
export const ProviderClient = packages.tfplugin6.Provider;
export const ControllerClient = packages.plugin.GRPCController;
