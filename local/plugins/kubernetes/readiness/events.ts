import type { PropertyMap } from "../../support/values";
import { listAt, numberAt, stringAt } from "../paths";
import type { Session } from "../session";

const SHOWN = 5;
/** States that every container passes through. */
const NORMAL_REASONS = new Set(["ContainerCreating", "PodInitializing"]);

export function isNormalReason(reason: string): boolean {
  return NORMAL_REASONS.has(reason);
}

/** The latest warnings about an object, one line each; none where events cannot be read. */
export async function warningEvents(session: Session, object: PropertyMap): Promise<string[]> {
  const uid = stringAt(object, ["metadata", "uid"]) ?? "";
  // Events about a cluster-scoped object are kept in the default namespace.
  const namespace = stringAt(object, ["metadata", "namespace"]) ?? "default";
  const query = new URLSearchParams({ fieldSelector: `involvedObject.uid=${uid},type=Warning` });
  const list = await session.client
    .find(`/api/v1/namespaces/${namespace}/events?${query.toString()}`)
    .catch(() => undefined);
  const time = (event: PropertyMap[string]) =>
    stringAt(event, ["lastTimestamp"]) ??
    stringAt(event, ["eventTime"]) ??
    stringAt(event, ["metadata", "creationTimestamp"]) ??
    "";
  return listAt(list, ["items"])
    .sort((left, right) => time(left).localeCompare(time(right)))
    .slice(-SHOWN)
    .map((event) => {
      const count = numberAt(event, ["count"], 1);
      const repeated = count > 1 ? ` (${count} times)` : "";
      return `${stringAt(event, ["reason"]) ?? ""}: ${(stringAt(event, ["message"]) ?? "").trim()}${repeated}`;
    });
}
