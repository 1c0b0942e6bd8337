import type { CheckFailure, CheckRequest, CheckResult } from "../support/provider";
import { isMap, isSecret, isUnknown, unsupportedValue, type PropertyMap } from "../support/values";
import { named } from "./autoname";
import { kindOf } from "./kinds";
import { identityOf, plain } from "./objects";
import { at } from "./paths";
import type { Session } from "./session";
import { unsupportedType } from "./unsupported";

/** Completes the inputs of an object with its name and namespace, and refuses what can never be applied. */
export async function check(session: Session, request: CheckRequest): Promise<CheckResult> {
  const { type, news } = request;
  const inputs = plain(news);
  const reason = unsupportedType(type, identityOf(inputs).kind || undefined);
  if (reason !== undefined) return { inputs: news, failures: [{ property: "", reason }] };
  const failures = failuresOf(inputs, news);
  const metadata = news["metadata"];
  // Metadata that is secret or unknown as a whole cannot be completed; the update itself knows it.
  if (isUnknown(metadata) || isSecret(metadata)) return { inputs: news, failures };
  const given: PropertyMap = isMap(metadata) ? metadata : {};
  const completed = named(given, request);
  if (!completed) {
    const missing = "Automatic names are switched off for this project: set metadata.name.";
    return { inputs: news, failures: [...failures, { property: "metadata.name", reason: missing }] };
  }
  return {
    inputs: { ...news, metadata: await inNamespace(session, completed, inputs, plain(request.olds)) },
    failures,
  };
}

function failuresOf(inputs: PropertyMap, news: PropertyMap): CheckFailure[] {
  const failures: CheckFailure[] = [];
  for (const property of ["apiVersion", "kind"]) {
    if (typeof inputs[property] === "string" && inputs[property] !== "") continue;
    failures.push({
      property,
      reason: `An object needs ${property}, such as ${property === "kind" ? "Job" : "batch/v1"}.`,
    });
  }
  if (at(inputs, ["metadata", "generateName"]) !== undefined) {
    const reason =
      "A generated name changes with every create. Remove generateName: without a name one is chosen and kept.";
    failures.push({ property: "metadata.generateName", reason });
  }
  const special = unsupportedValue(news);
  if (special !== undefined) failures.push({ property: "", reason: special });
  return failures;
}

/** Writes the namespace down, so that a later change of the default shows as the replacement that it is. */
async function inNamespace(
  session: Session,
  metadata: PropertyMap,
  inputs: PropertyMap,
  olds: PropertyMap,
): Promise<PropertyMap> {
  if (metadata["namespace"] !== undefined && metadata["namespace"] !== null) return metadata;
  const { apiVersion, kind } = identityOf(inputs);
  const before = at(olds, ["metadata", "namespace"]) !== undefined;
  const namespaced = (await session.discovery.isNamespaced(kindOf(apiVersion, kind))) ?? before;
  return namespaced ? { ...metadata, namespace: session.defaultNamespace } : metadata;
}
