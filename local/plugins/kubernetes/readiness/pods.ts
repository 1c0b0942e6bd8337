import { isMap, type PropertyMap } from "../../support/values";
import { at, listAt, numberAt, stringAt } from "../paths";
import type { Session } from "../session";
import { isNormalReason, warningEvents } from "./events";
import { condition } from "./verdict";

/** How much of a failed container's log goes into a message. */
const LOG_LINES = 10;
const LOG_BYTES = 4096;

/** The pods that a workload made, the newest first. */
export async function podsOf(session: Session, owner: PropertyMap): Promise<PropertyMap[]> {
  const namespace = stringAt(owner, ["metadata", "namespace"]) ?? "";
  const labels = at(owner, ["spec", "selector", "matchLabels"]);
  const selector = Object.entries(isMap(labels) ? labels : {})
    .map(([key, value]) => `${key}=${String(value as string)}`)
    .join(",");
  if (selector === "") return [];
  const query = new URLSearchParams({ labelSelector: selector });
  const list = await session.client.get(`/api/v1/namespaces/${namespace}/pods?${query.toString()}`);
  const created = (pod: PropertyMap) => stringAt(pod, ["metadata", "creationTimestamp"]) ?? "";
  return listAt(list, ["items"])
    .filter(isMap)
    .sort((left, right) => created(right).localeCompare(created(left)));
}

/** One line on why a pod does not get on; undefined where nothing is wrong with it. */
export function troubleOf(pod: PropertyMap): string | undefined {
  const name = stringAt(pod, ["metadata", "name"]) ?? "?";
  for (const container of statuses(pod)) {
    const trouble = containerTrouble(container);
    if (trouble !== undefined) return `pod ${name}, container ${nameOf(container)}: ${trouble}`;
  }
  const scheduled = condition(pod, "PodScheduled");
  return scheduled?.status === "False"
    ? `pod ${name} is not scheduled: ${scheduled.message || scheduled.reason}`
    : undefined;
}

/** What a container waits for that does not come by itself: somebody has to mend an image or its configuration. */
const BLOCKED = new Set([
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "CreateContainerConfigError",
  "CreateContainerError",
]);

/** One line on a container that cannot start, with its image and the reason; undefined where none is held up so. */
export function blockOf(pod: PropertyMap): string | undefined {
  const name = stringAt(pod, ["metadata", "name"]) ?? "?";
  for (const container of statuses(pod)) {
    const reason = stringAt(container, ["state", "waiting", "reason"]);
    if (reason === undefined || !BLOCKED.has(reason)) continue;
    const message = stringAt(container, ["state", "waiting", "message"]);
    const image = stringAt(container, ["image"]) ?? "?";
    const why = message === undefined ? reason : `${reason} (${message})`;
    return `container ${nameOf(container)} of pod ${name} does not start from image ${image}: ${why}`;
  }
  return undefined;
}

/** How a container ended tells more than what it waits for now, which is mostly its next attempt. */
function containerTrouble(container: PropertyMap): string | undefined {
  const end = termination(container);
  if (end && end.exitCode !== 0) return describeEnd(end);
  const state = at(container, ["state", "waiting"]);
  const reason = stringAt(state, ["reason"]);
  if (reason === undefined || isNormalReason(reason)) return undefined;
  const message = stringAt(state, ["message"]);
  return `${reason}${message === undefined ? "" : ` (${message})`}`;
}

/** All that is known of a failure: exit code and last words, log lines, warnings. One paragraph each. */
export async function explainFailure(session: Session, pods: readonly PropertyMap[]): Promise<string[]> {
  const pod = pods.find((candidate) => troubleOf(candidate) !== undefined) ?? pods[0];
  if (!pod) return [];
  const paragraphs: string[] = [];
  const trouble = troubleOf(pod);
  if (trouble !== undefined) paragraphs.push(capitalised(trouble));
  const container = statuses(pod).find((status) => {
    const end = termination(status);
    return end !== undefined && end.exitCode !== 0;
  });
  if (container) paragraphs.push(...(await lastLines(session, pod, container)));
  const warnings = await warningEvents(session, pod);
  if (warnings.length > 0) paragraphs.push(block("Warnings of the pod", warnings));
  return paragraphs;
}

export function block(title: string, lines: readonly string[]): string {
  return [`${title}:`, ...lines.map((line) => `  ${line}`)].join("\n");
}

interface Termination {
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  /** The container was started again since. */
  readonly restarted: boolean;
}

function termination(container: PropertyMap): Termination | undefined {
  const current = at(container, ["state", "terminated"]);
  const end = current ?? at(container, ["lastState", "terminated"]);
  if (!isMap(end)) return undefined;
  return {
    exitCode: numberAt(end, ["exitCode"]),
    reason: stringAt(end, ["reason"]) ?? "",
    message: (stringAt(end, ["message"]) ?? "").trim(),
    restarted: current === undefined,
  };
}

function describeEnd({ exitCode, reason, message }: Termination): string {
  const why = reason === "" || reason === "Error" ? "" : ` (${reason})`;
  return `exit code ${exitCode}${why}${message === "" ? "" : `: ${message}`}`;
}

function statuses(pod: PropertyMap): PropertyMap[] {
  const init = listAt(pod, ["status", "initContainerStatuses"]);
  return [...init, ...listAt(pod, ["status", "containerStatuses"])].filter(isMap);
}

function nameOf(container: PropertyMap): string {
  return stringAt(container, ["name"]) ?? "?";
}

async function lastLines(session: Session, pod: PropertyMap, container: PropertyMap): Promise<string[]> {
  const namespace = stringAt(pod, ["metadata", "namespace"]) ?? "";
  const query = new URLSearchParams({
    container: nameOf(container),
    tailLines: String(LOG_LINES),
    limitBytes: String(LOG_BYTES),
    previous: String(termination(container)?.restarted === true),
  });
  try {
    const log = await session.client.text(
      `/api/v1/namespaces/${namespace}/pods/${stringAt(pod, ["metadata", "name"]) ?? ""}/log?${query.toString()}`,
    );
    const lines = log.split("\n").filter((line) => line.trim() !== "");
    return lines.length === 0 ? ["It logged nothing."] : [block("Last log lines", lines)];
  } catch (error) {
    // The node may be gone, as a scaled-down GPU node is.
    return [`Its log cannot be read: ${(error as Error).message}`];
  }
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
