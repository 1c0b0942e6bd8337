import { readFile } from "node:fs/promises";
import { StepError } from "../program/step-error";
import { digest, MODEL, type ModelManifest, type ModelStore, SCORES, type StoredFile, TRAINING } from "./model-store";

export interface PublishOptions {
  /** Paths of the files that the training and the evaluation wrote. */
  readonly model: string;
  readonly scores: string;
  /** JSON with the figures for people. */
  readonly metrics: string;
  /** JSON with the reports of the steps; none by default. */
  readonly training?: string;
  readonly run: string;
  /** Versions that stay, the current one included; pinned ones stay beside them. */
  readonly keep: number;
}

export interface Published {
  readonly version: string;
  /** Whether the pointer was moved; false where it pointed there already. */
  readonly changed: boolean;
  readonly removed: readonly string[];
}

/** Digits of the model's digest that name its version. */
const VERSION_DIGITS = 12;

/**
 * Stores a model under the version that its content gives it, and makes it current. What fails half-way leaves the
 * pointer where it was; the same model published again changes nothing.
 */
export async function publish(store: ModelStore, options: PublishOptions, now = new Date()): Promise<Published> {
  const { keep } = options;
  if (!Number.isInteger(keep) || keep < 1) throw new StepError(`--keep is ${keep}; at least 1 version stays.`);
  const model = await given(options.model, "model");
  const version = digest(model).slice(0, VERSION_DIGITS);
  const before = await store.current();
  const sha256 = await complete(store, version, model, options, now);
  const changed = before?.value?.version !== version || before.value.sha256 !== sha256;
  if (changed) await store.setCurrent({ recommender: store.recommender, version, sha256 }, before?.etag);
  return { version, changed, removed: await retain(store, keep, version) };
}

/** The version with all its files. @returns digest of its manifest */
async function complete(
  store: ModelStore,
  version: string,
  model: Buffer,
  options: PublishOptions,
  now: Date,
): Promise<string> {
  const there = await store.manifestDigest(version);
  if (there !== undefined) return there;
  const files: Record<string, StoredFile> = {};
  const metrics = await given(options.metrics, "metrics");
  const contents: [string, Buffer][] = [
    [MODEL, model],
    [SCORES, await given(options.scores, "scores")],
    ...(options.training ? [[TRAINING, await given(options.training, "training")] as [string, Buffer]] : []),
  ];
  for (const [name, content] of contents) files[name] = await store.putFile(version, name, content);
  const manifest: ModelManifest = {
    recommender: store.recommender,
    version,
    publishedAt: now.toISOString(),
    run: options.run,
    files,
    metrics: jsonObject(metrics, options.metrics),
  };
  return store.putManifest(manifest);
}

/** Removes the oldest versions beyond the number that stays. */
async function retain(store: ModelStore, keep: number, current: string): Promise<string[]> {
  const versions = await store.versions();
  const spare = versions.filter(({ version, pinned }) => version !== current && !pinned);
  // The current one stays whatever its age, and counts.
  const surplus = spare.slice(keep - 1);
  for (const { keys } of surplus) await store.remove(keys);
  return surplus.map(({ version }) => version);
}

async function given(path: string, what: string): Promise<Buffer> {
  try {
    const content = await readFile(path);
    if (content.length > 0) return content;
  } catch (error) {
    throw new StepError(
      `The ${what} at ${path} cannot be read (${(error as Error).message}): run the step before again.`,
    );
  }
  throw new StepError(`The ${what} at ${path} is empty: run the step before again.`);
}

function jsonObject(content: Buffer, path: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(content.toString());
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new StepError(`The metrics at ${path} are not a JSON object: run the evaluation again.`);
}
