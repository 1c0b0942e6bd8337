/** Messages of plugin protocol 6 as this bridge reads and writes them; names as in the protocol. */
export interface DynamicValue {
  readonly msgpack: Buffer;
}

export interface Identity {
  readonly identity_data: DynamicValue | null;
}

export interface PathStep {
  readonly attribute_name?: string;
  readonly element_key_string?: string;
  readonly element_key_int?: number;
}

export interface AttributePath {
  readonly steps: readonly PathStep[];
}

/** Severity 1 is an error, 2 a warning. */
export interface Diagnostic {
  readonly severity: number;
  readonly summary: string;
  readonly detail: string;
  readonly attribute: AttributePath | null;
}

export interface SchemaMessage {
  readonly version: number;
  readonly block: BlockMessage;
}

export interface BlockMessage {
  readonly attributes: readonly AttributeMessage[];
  readonly block_types: readonly NestedBlockMessage[];
}

export interface AttributeMessage {
  readonly name: string;
  /** JSON of a type such as `"string"` or `["list",["object",{…}]]`; empty where there is a nested type. */
  readonly type: Buffer;
  readonly nested_type: { readonly attributes: readonly AttributeMessage[]; readonly nesting: number } | null;
  readonly required: boolean;
  readonly optional: boolean;
  readonly computed: boolean;
  readonly sensitive: boolean;
  readonly write_only: boolean;
}

export interface NestedBlockMessage {
  readonly type_name: string;
  readonly block: BlockMessage;
  /** 1 single, 2 list, 3 set, 4 map, 5 group. */
  readonly nesting: number;
  readonly min_items: number;
  readonly max_items: number;
}

interface WithDiagnostics {
  readonly diagnostics: readonly Diagnostic[];
}

interface Capabilities {
  readonly write_only_attributes_allowed: boolean;
}

/** Requests and answers, by method. */
export interface Calls {
  GetProviderSchema: {
    request: Record<string, never>;
    response: WithDiagnostics & {
      readonly provider: SchemaMessage;
      readonly resource_schemas: Readonly<Record<string, SchemaMessage>>;
      readonly data_source_schemas: Readonly<Record<string, SchemaMessage>>;
    };
  };
  ValidateProviderConfig: { request: { readonly config: DynamicValue }; response: WithDiagnostics };
  ConfigureProvider: {
    request: {
      readonly terraform_version: string;
      readonly config: DynamicValue;
      readonly client_capabilities: Capabilities;
    };
    response: WithDiagnostics;
  };
  ValidateResourceConfig: { request: TypedConfig; response: WithDiagnostics };
  ValidateDataResourceConfig: { request: TypedConfig; response: WithDiagnostics };
  UpgradeResourceState: {
    request: { readonly type_name: string; readonly version: number; readonly raw_state: { readonly json: Buffer } };
    response: WithDiagnostics & { readonly upgraded_state: DynamicValue | null };
  };
  PlanResourceChange: {
    request: TypedConfig & {
      readonly prior_state: DynamicValue;
      readonly proposed_new_state: DynamicValue;
      readonly prior_private: Buffer;
      readonly prior_identity: Identity | null;
    };
    response: WithDiagnostics & {
      readonly planned_state: DynamicValue | null;
      readonly requires_replace: readonly AttributePath[];
      readonly planned_private: Buffer;
      readonly planned_identity: Identity | null;
    };
  };
  ApplyResourceChange: {
    request: {
      readonly type_name: string;
      readonly config: DynamicValue;
      readonly prior_state: DynamicValue;
      readonly planned_state: DynamicValue;
      readonly planned_private: Buffer;
      readonly planned_identity: Identity | null;
    };
    response: WithDiagnostics & {
      readonly new_state: DynamicValue | null;
      readonly private: Buffer;
      readonly new_identity: Identity | null;
    };
  };
  ReadResource: {
    request: {
      readonly type_name: string;
      readonly current_state: DynamicValue;
      readonly private: Buffer;
      readonly client_capabilities: Capabilities;
      readonly current_identity: Identity | null;
    };
    response: WithDiagnostics & {
      readonly new_state: DynamicValue | null;
      readonly private: Buffer;
      readonly new_identity: Identity | null;
    };
  };
  ImportResourceState: {
    request: { readonly type_name: string; readonly id: string; readonly client_capabilities: Capabilities };
    response: WithDiagnostics & {
      readonly imported_resources: readonly {
        readonly type_name: string;
        readonly state: DynamicValue;
        readonly private: Buffer;
        readonly identity: Identity | null;
      }[];
    };
  };
  ReadDataSource: { request: TypedConfig; response: WithDiagnostics & { readonly state: DynamicValue | null } };
  StopProvider: { request: Record<string, never>; response: { readonly Error: string } };
}

interface TypedConfig {
  readonly type_name: string;
  readonly config: DynamicValue;
  readonly client_capabilities: Capabilities;
}

/** Write-only attributes may be in a configuration: this bridge never keeps them in a state. */
export const CAPABILITIES: Capabilities = { write_only_attributes_allowed: true };
