import {
  InitializationFailed,
  type CheckRequest,
  type CheckResult,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type DiffResult,
  type EngineLog,
  type InvokeResult,
  type ReadRequest,
  type ReadResult,
  type ResourceProvider,
  type UpdateRequest,
} from "../support/provider";
import { containsUnknown, secret, stripSecrets, unsupportedValue, type PropertyMap } from "../support/values";
import { nameCollides, withName } from "./autoname";
import { META, withDeleteTimeout } from "./bookkeeping";
import { timeoutsBlock, type Bridge, type ProviderType } from "./bridge";
import { isReplacement, planChanges } from "./changes";
import { toProvider, toPulumi, unknownProperties } from "./convert";
import { checkFailures, errorsOf, logWarnings, throwErrors } from "./diagnostics";
import { encodeValue, type ValueMap } from "./dynamic-value";
import { importedInputs, refreshedInputs } from "./inputs";
import { CAPABILITIES } from "./protocol";
import { idOf, importedState, liveState, objectOf, planChange, storedOutputs, storedState } from "./state";
import type { Plan, ResourceState } from "./state";

/** Pulumi's view of the real terraform-provider-scaleway: every check, default, plan and wait is the provider's own. */
export class ScalewayProvider implements ResourceProvider {
  constructor(
    private readonly bridge: Bridge,
    private readonly engine: EngineLog,
  ) {}

  async checkConfig({ news }: CheckRequest): Promise<CheckResult> {
    const reasons = containsUnknown(news) ? [] : await this.bridge.configurationErrors(stripSecrets(news));
    return { inputs: news, failures: reasons.map((reason) => ({ property: "", reason })) };
  }

  configure(args: PropertyMap): Promise<void> {
    return this.bridge.configure(stripSecrets(args));
  }

  async check(request: CheckRequest): Promise<CheckResult> {
    const { process, name, schema } = await this.bridge.resource(request.type);
    const inputs = withName(schema.type, request);
    const unsupported = unsupportedValue(inputs);
    if (unsupported) return { inputs, failures: [{ property: "", reason: unsupported }] };
    const { diagnostics } = await process.call("ValidateResourceConfig", {
      type_name: name,
      config: encodeValue(toProvider(schema.type, stripSecrets(inputs))),
      client_capabilities: CAPABILITIES,
    });
    logWarnings(this.engine, diagnostics, request.urn);
    for (const { property, sensitive } of Object.values(schema.type.fields)) {
      const value = inputs[property];
      if (sensitive && value !== undefined && value !== null) inputs[property] = secret(value);
    }
    const surplus = unknownProperties(schema.type, stripSecrets(inputs));
    const failures = surplus.map((property) => ({ property, reason: `${request.type} has no such property` }));
    return { inputs, failures: [...failures, ...checkFailures(schema.type, diagnostics)] };
  }

  async diff({ type: token, id, oldOutputs, oldInputs, news }: DiffRequest): Promise<DiffResult> {
    const type = await this.bridge.resource(token);
    const prior = await storedState(type, id, oldOutputs);
    const config = toProvider(type.schema.type, stripSecrets(news));
    const { planned, requiresReplace } = await planChange(type, prior, config);
    const changes = planChanges(type.schema.type, prior.value, planned, config, requiresReplace);
    const deleteBeforeReplace = isReplacement(changes) && nameCollides(type.schema.type, oldInputs, news);
    return { changes, deleteBeforeReplace };
  }

  async create(request: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const { inputs, timeoutSeconds, preview } = request;
    const type = await this.bridge.resource(request.type);
    const config = configuration(type, inputs, "create", timeoutSeconds);
    const plan = await planChange(type, null, config);
    if (preview) return { id: "", outputs: toPulumi(type.schema.type, plan.planned) };
    const { state, errors } = await this.apply(type, null, plan, config, request.urn);
    if (!state) throw new Error(errors.join("\n") || `The Scaleway provider made no ${type.name} and did not say why.`);
    const outputs = storedOutputs(type, state, inputs);
    if (errors.length > 0) throw new InitializationFailed(idOf(state), outputs, inputs, errors);
    return { id: idOf(state), outputs };
  }

  async read({ type: token, id, outputs, inputs }: ReadRequest): Promise<ReadResult> {
    const type = await this.bridge.resource(token);
    if (outputs[META] === undefined) return this.import(type, id);
    const live = await liveState(type, await storedState(type, id, outputs));
    if (!live) return { id: "", outputs: {} };
    const after = storedOutputs(type, live, outputs, inputs);
    return { id: idOf(live), outputs: after, inputs: refreshedInputs(inputs, outputs, after) };
  }

  async update(request: UpdateRequest): Promise<{ outputs: PropertyMap }> {
    const { id, oldOutputs, news, timeoutSeconds, preview } = request;
    const type = await this.bridge.resource(request.type);
    const prior = await storedState(type, id, oldOutputs);
    const config = configuration(type, news, "update", timeoutSeconds);
    const plan = await planChange(type, prior, config);
    if (preview) return { outputs: { ...toPulumi(type.schema.type, plan.planned) } };
    const { value } = prior;
    const changes = planChanges(type.schema.type, value, plan.planned, config, []);
    if (Object.keys(changes).length === 0) {
      // Nothing to change: the engine asks because the last operation failed, and wants to know how things are now.
      const live = await liveState(type, prior);
      if (!live)
        throw new Error(`${type.name} ${id} is gone. Run "pulumi refresh" and then "pulumi up" to make it again.`);
      return { outputs: storedOutputs(type, live, news) };
    }
    const { state, errors } = await this.apply(type, prior, plan, config, request.urn);
    if (errors.length === 0 && state) return { outputs: storedOutputs(type, state, news) };
    // A failed update answers with the state that it wanted; what it reached is what the next run has to start from.
    const reached = (await liveState(type, prior).catch(() => undefined)) ?? state;
    if (!reached) throw new Error(errors.join("\n"));
    throw new InitializationFailed(id, storedOutputs(type, reached, news), news, errors);
  }

  async delete({ type: token, id, outputs, timeoutSeconds }: DeleteRequest): Promise<void> {
    const type = await this.bridge.resource(token);
    const prior = await storedState(type, id, outputs);
    const limited = timeoutSeconds > 0 && type.schema.timeouts.includes("delete");
    const { diagnostics } = await type.process.call("ApplyResourceChange", {
      type_name: type.name,
      prior_state: encodeValue(prior.value),
      planned_state: encodeValue(null),
      config: encodeValue(null),
      planned_private: limited ? withDeleteTimeout(prior.private, timeoutSeconds) : prior.private,
      planned_identity: prior.identity,
    });
    throwErrors(diagnostics);
  }

  async invoke(token: string, args: PropertyMap): Promise<InvokeResult> {
    const { process, name, schema } = await this.bridge.dataSource(token);
    const request = {
      type_name: name,
      config: encodeValue(toProvider(schema.type, stripSecrets(args))),
      client_capabilities: CAPABILITIES,
    };
    const { diagnostics } = await process.call("ValidateDataResourceConfig", request);
    const failures = checkFailures(schema.type, diagnostics);
    if (failures.length > 0) return { result: {}, failures };
    const answer = await process.call("ReadDataSource", request);
    logWarnings(this.engine, answer.diagnostics);
    throwErrors(answer.diagnostics);
    const state = objectOf(answer.state) ?? {};
    return { result: { ...toPulumi(schema.type, state), id: typeof state["id"] === "string" ? state["id"] : null } };
  }

  cancel(): void {
    this.bridge.stop();
  }

  close(): Promise<void> {
    return this.bridge.close();
  }

  private async import(type: ProviderType, id: string): Promise<ReadResult> {
    const live = await importedState(type, id);
    if (!live) return { id: "", outputs: {} };
    const outputs = storedOutputs(type, live);
    return { id: idOf(live), outputs, inputs: importedInputs(type.schema.type, outputs) };
  }

  private async apply(
    { process, name, schema }: ProviderType,
    prior: ResourceState | null,
    plan: Plan,
    config: ValueMap,
    urn: string,
  ): Promise<{ state: ResourceState | undefined; errors: string[] }> {
    const answer = await process.call("ApplyResourceChange", {
      type_name: name,
      prior_state: encodeValue(prior?.value ?? null),
      planned_state: encodeValue(plan.planned),
      config: encodeValue(config),
      planned_private: plan.private,
      planned_identity: plan.identity,
    });
    logWarnings(this.engine, answer.diagnostics, urn);
    const value = objectOf(answer.new_state);
    const { private: bytes, new_identity: identity } = answer;
    return {
      state: value && { value, private: bytes, identity, schemaVersion: schema.version },
      errors: errorsOf(answer.diagnostics),
    };
  }
}

/** Inputs in the provider's form, with the time limit that the program gives this operation. */
function configuration(type: ProviderType, inputs: PropertyMap, operation: string, timeoutSeconds: number): ValueMap {
  const config = toProvider(type.schema.type, stripSecrets(inputs));
  if (type.schema.timeouts.length > 0) config["timeouts"] = timeoutsBlock(type.schema, operation, timeoutSeconds);
  return config;
}
