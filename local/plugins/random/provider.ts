import { isDeepStrictEqual } from "node:util";
import type { CheckRequest, CheckResult, CreateRequest, DiffRequest, DiffResult } from "../support/provider";
import type { ReadRequest, ReadResult, ResourceProvider, UpdateRequest } from "../support/provider";
import { containsUnknown, markSecrets, secret, secretPaths, stripSecrets, UNKNOWN } from "../support/values";
import type { PropertyMap, PropertyValue } from "../support/values";
import { RANDOM_KINDS, type RandomKind } from "./kinds";

/** Stand-in for the random provider: values are made once and live in the state; every change of an input makes a new one. */
export class RandomProvider implements ResourceProvider {
  configure(): Promise<void> {
    return Promise.resolve();
  }

  check({ type, news }: CheckRequest): Promise<CheckResult> {
    const kind = kindOf(type);
    const failures = Object.keys(news)
      .filter((key) => !(key in kind.defaults))
      .map((key) => ({
        property: key,
        reason: `unknown property; known are ${Object.keys(kind.defaults).join(", ")}`,
      }));
    const inputs = withDefaults(kind, news);
    const missing = kind.required.filter((key) => inputs[key] === undefined);
    failures.push(...missing.map((key) => ({ property: key, reason: "is required" })));
    const reason = failures.length > 0 || containsUnknown(inputs) ? undefined : kind.refuse(stripSecrets(inputs));
    if (reason !== undefined) failures.push({ property: "", reason });
    return Promise.resolve({ inputs, failures });
  }

  diff({ type, oldInputs, oldOutputs, news }: DiffRequest): Promise<DiffResult> {
    const before = stripSecrets(oldInputs);
    const after = stripSecrets(news);
    // An imported or older state may lack inputs that only say the default: what the state holds counts then.
    const old = (key: string) => before[key] ?? stripSecrets(oldOutputs)[key];
    const changed = Object.keys(kindOf(type).defaults).filter((key) => !isDeepStrictEqual(old(key), after[key]));
    return Promise.resolve({ changes: Object.fromEntries(changed.map((key) => [key, { kind: "update-replace" }])) });
  }

  create({ type, inputs, preview }: CreateRequest): Promise<{ id: string; outputs: PropertyMap }> {
    const kind = kindOf(type);
    if (preview) return Promise.resolve({ id: "", outputs: previewOutputs(kind, inputs) });
    const { id, outputs } = kind.generate(stripSecrets(inputs));
    const marked = markSecrets(outputs, secretPaths(inputs)) as PropertyMap;
    for (const key of kind.secretOutputs) marked[key] = secret(outputs[key] as PropertyValue);
    return Promise.resolve({ id, outputs: marked });
  }

  read({ id, type, outputs, inputs }: ReadRequest): Promise<ReadResult> {
    if (Object.keys(outputs).length === 0) {
      throw new Error(`This stand-in plugin cannot import ${type} "${id}": let it generate a new value.`);
    }
    return Promise.resolve({ id, outputs, inputs });
  }

  update({ type }: UpdateRequest): Promise<never> {
    throw new Error(`${type} is never updated in place.`);
  }

  delete(): Promise<void> {
    return Promise.resolve();
  }
}

function kindOf(type: string): RandomKind {
  const kind = RANDOM_KINDS[type];
  if (kind) return kind;
  throw new Error(`This stand-in plugin has no ${type}; it has ${Object.keys(RANDOM_KINDS).join(", ")}.`);
}

function withDefaults(kind: RandomKind, news: PropertyMap): PropertyMap {
  const inputs: PropertyMap = {};
  for (const [key, fallback] of Object.entries(kind.defaults)) {
    const value = news[key] ?? fallback;
    if (value !== undefined) inputs[key] = value;
  }
  return inputs;
}

/** In a preview everything that the resource generates is unknown. */
function previewOutputs({ generated, secretOutputs }: RandomKind, inputs: PropertyMap): PropertyMap {
  const outputs = { ...inputs };
  for (const key of generated) outputs[key] = secretOutputs.includes(key) ? secret(UNKNOWN) : UNKNOWN;
  return outputs;
}
