import { markSecrets, secretPaths, stripSecrets, type PropertyMap } from "../support/values";
import type { ProviderType } from "./bridge";
import { readBookkeeping, writeBookkeeping, type Bookkeeping } from "./bookkeeping";
import { toProvider, toPulumi } from "./convert";
import { throwErrors } from "./diagnostics";
import { decodeValue, encodeValue, isValueMap, type ValueMap } from "./dynamic-value";
import { CAPABILITIES, type AttributePath, type DynamicValue, type Identity } from "./protocol";
import { proposedState } from "./proposed-state";

/** A resource as the provider knows it. */
export interface ResourceState extends Bookkeeping {
  readonly value: ValueMap;
}

export interface Plan {
  readonly planned: ValueMap;
  readonly private: Buffer;
  readonly identity: Identity | null;
  readonly requiresReplace: readonly AttributePath[];
}

/** The provider's form of what the engine has stored, brought to the present version of its schema. */
export async function storedState(
  { process, name, schema }: ProviderType,
  id: string,
  outputs: PropertyMap,
): Promise<ResourceState> {
  const bookkeeping = readBookkeeping(outputs);
  const value = toProvider(schema.type, stripSecrets(outputs), id);
  if (bookkeeping.schemaVersion >= schema.version) return { ...bookkeeping, value };
  const { upgraded_state: upgraded, diagnostics } = await process.call("UpgradeResourceState", {
    type_name: name,
    version: bookkeeping.schemaVersion,
    raw_state: { json: Buffer.from(JSON.stringify(value)) },
  });
  throwErrors(diagnostics);
  return { ...bookkeeping, schemaVersion: schema.version, value: objectOf(upgraded) ?? value };
}

/** Pulumi outputs of a state; what was secret in the given maps is secret in them too. */
export function storedOutputs(
  { schema }: ProviderType,
  state: ResourceState,
  ...secretSources: readonly PropertyMap[]
): PropertyMap {
  const outputs = { ...toPulumi(schema.type, state.value), ...writeBookkeeping(state) };
  return markSecrets(
    outputs,
    secretSources.flatMap((source) => secretPaths(source)),
  ) as PropertyMap;
}

/**
 * Asks the provider what it would do to bring a resource (null: none yet) to a configuration.
 *
 * @throws with the provider's reasons where it refuses
 */
export async function planChange(
  { process, name, schema }: ProviderType,
  prior: ResourceState | null,
  config: ValueMap,
): Promise<Plan> {
  const answer = await process.call("PlanResourceChange", {
    type_name: name,
    prior_state: encodeValue(prior?.value ?? null),
    proposed_new_state: encodeValue(proposedState(schema.type, prior?.value ?? null, config)),
    config: encodeValue(config),
    prior_private: prior?.private ?? Buffer.alloc(0),
    prior_identity: prior?.identity ?? null,
    client_capabilities: CAPABILITIES,
  });
  throwErrors(answer.diagnostics);
  const planned = objectOf(answer.planned_state);
  if (!planned) throw new Error(`The Scaleway provider planned nothing for ${name}.`);
  return {
    planned,
    private: answer.planned_private,
    identity: answer.planned_identity,
    requiresReplace: answer.requires_replace,
  };
}

/** The live resource; undefined where it is gone. */
export async function liveState(
  { process, name, schema }: ProviderType,
  state: ResourceState,
): Promise<ResourceState | undefined> {
  const answer = await process.call("ReadResource", {
    type_name: name,
    current_state: encodeValue(state.value),
    private: state.private,
    current_identity: state.identity,
    client_capabilities: CAPABILITIES,
  });
  throwErrors(answer.diagnostics);
  const value = objectOf(answer.new_state);
  return value && { value, private: answer.private, identity: answer.new_identity, schemaVersion: schema.version };
}

/**
 * The live resource with an id that a program or a user gives.
 *
 * @throws where the id is not of the form that the provider wants
 */
export async function importedState(type: ProviderType, id: string): Promise<ResourceState | undefined> {
  const { imported_resources: imported, diagnostics } = await type.process.call("ImportResourceState", {
    type_name: type.name,
    id,
    client_capabilities: CAPABILITIES,
  });
  throwErrors(diagnostics);
  const found = imported.find(({ type_name: name }) => name === type.name);
  const value = objectOf(found?.state ?? null);
  if (!found || !value) return undefined;
  return liveState(type, {
    value,
    private: found.private,
    identity: found.identity,
    schemaVersion: type.schema.version,
  });
}

export function objectOf(value: DynamicValue | null): ValueMap | undefined {
  const decoded = decodeValue(value);
  return isValueMap(decoded) ? decoded : undefined;
}

export function idOf({ value }: ResourceState): string {
  const id = value["id"];
  return typeof id === "string" ? id : "";
}
