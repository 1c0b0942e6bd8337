import type { DiffKind, DiffRequest, DiffResult } from "../support/provider";
import { containsUnknown, isMap, type PropertyMap } from "../support/values";
import { ApiError } from "./api-error";
import { changesBetween, type Change } from "./changes";
import { asDeclared, IMPORTED } from "./imported";
import { AUTONAMED, describe, identityOf, isAnnotated, plain, toManifest } from "./objects";
import { fieldManagerOf, INPUTS } from "./outputs";
import { at, equal, formatPath, stringAt, withValueAt } from "./paths";
import { concerns, hasFailed, refuseShrinking, replacingChanges } from "./replace-rules";
import type { Session } from "./session";

/**
 * Compares inputs with inputs, never with the cluster, so that what Kubernetes defaults or rewrites is no difference.
 *
 * @throws Error where a change can be made neither in place nor by a new object
 */
export async function diff(session: Session, request: DiffRequest): Promise<DiffResult> {
  const live = plain(request.oldOutputs);
  const news = plain(request.news);
  const olds = oldInputs(request, live, news);
  const changes = changesBetween(olds, news);
  refuseShrinking(live, olds, news, describe(live));
  let replacing = replacingChanges(olds, news, changes, session.configuration);
  if (changes.length > 0 && replacing.length === 0 && !containsUnknown(news)) {
    const fields = await refusedFields(session, news, fieldManagerOf(request.urn, live));
    replacing = changes.filter(({ path }) => concerns(fields, path));
    // A refusal may name a field that the server derives from what changed.
    if (fields.length > 0 && replacing.length === 0) replacing = changes;
  }
  const result = detailed(changes, replacing);
  if (hasFailed(live)) result["status.conditions"] = { kind: "update-replace" };
  const replaced = Object.values(result).some(({ kind }) => kind.endsWith("-replace"));
  return { changes: result, deleteBeforeReplace: replaced && keepsItsName(olds, news) };
}

/** Inputs of the last deployment, with the namespace that the object really has. */
function oldInputs(request: DiffRequest, live: PropertyMap, news: PropertyMap): PropertyMap {
  const olds = plain(request.oldInputs);
  const imported = live[IMPORTED] === true && equal(plainMap(live[INPUTS]), olds);
  const declared = imported ? asDeclared(olds, news) : olds;
  const namespace = stringAt(live, ["metadata", "namespace"]);
  // A custom resource whose CRD was not served yet got no namespace from its check.
  const settled = at(declared, ["metadata", "namespace"]) !== undefined || namespace === undefined;
  return settled ? declared : (withValueAt(declared, ["metadata", "namespace"], namespace) as PropertyMap);
}

function plainMap(value: PropertyMap[string] | undefined): PropertyMap {
  return isMap(value) ? value : {};
}

/** Fields that the API server calls immutable in a dry run: the net below the rules, for kinds they do not know. */
async function refusedFields(session: Session, news: PropertyMap, fieldManager: string): Promise<readonly string[]> {
  try {
    const path = await session.find(news);
    const options = { fieldManager, force: session.force(news), dryRun: true };
    if (path !== undefined && (await session.client.find(path))) {
      await session.client.apply(path, toManifest(news), options);
    }
    return [];
  } catch (error) {
    // Any other refusal is the update's to report: a diff has no place for it.
    return error instanceof ApiError && error.isImmutable ? error.immutableFields : [];
  }
}

function detailed(changes: readonly Change[], replacing: readonly Change[]) {
  const result: Record<string, { kind: DiffKind; inputDiff?: boolean }> = {};
  for (const change of changes) {
    const kind: DiffKind = replacing.includes(change) ? `${change.kind}-replace` : change.kind;
    result[formatPath(change.path)] = { kind, inputDiff: true };
  }
  return result;
}

/** Two objects of one name cannot exist side by side: then the old one goes first. */
function keepsItsName(olds: PropertyMap, news: PropertyMap): boolean {
  const [before, after] = [identityOf(olds), identityOf(news)];
  return !isAnnotated(news, AUTONAMED) && before.name === after.name && before.namespace === after.namespace;
}
