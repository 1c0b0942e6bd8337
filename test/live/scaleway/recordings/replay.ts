import type { TestScaleway } from "../../../scaleway/support";
import type { Exchange } from "./cassette";
import { Identities } from "./identities";
import { differences, isObject } from "./shape";

/** What came of the exchanges of one product. */
export class Score {
  readonly operations = new Set<string>();
  readonly covered = new Set<string>();
  /** Of the same status and shape. */
  matched = 0;
  mismatched = 0;
  /** Asked about something that the emulator could not make, or between two states. */
  unjudged = 0;
  /** Routes that the emulator lacks. */
  unknown = 0;
  /** What differed, and how often. */
  readonly mistakes = new Map<string, number>();

  note(mistake: string): void {
    this.mistakes.set(mistake, (this.mistakes.get(mistake) ?? 0) + 1);
  }
}

/** Such as `k8s` for /k8s/v1/regions/fr-par/clusters. */
export const productOf = ({ url }: Exchange): string => url.pathname.split("/")[1] ?? "";

const TRANSIENT = /^(creating|deleting|updating|scaling|upgrading|configuring|allocating|snapshotting|resizing)$/;

/** Sends the requests of a recording in order and compares what comes back with what came back then. */
export async function replay(
  scaleway: TestScaleway,
  exchanges: readonly Exchange[],
  scoreOf: (product: string) => Score | undefined,
): Promise<void> {
  const identities = new Identities(scaleway.instance.account);
  for (const [index, exchange] of exchanges.entries()) {
    const score = scoreOf(productOf(exchange)) ?? new Score();
    const operation = operationOf(exchange);
    score.operations.add(operation);
    const asked = exchange.url.pathname + exchange.url.search;
    const body = exchange.body === undefined ? undefined : JSON.stringify(exchange.body);
    // A question between two states is one of many; the answer depends on the moment.
    if (exchange.status === 429 || isPoll(exchanges, index) || identities.isLost(asked + (body ?? ""))) {
      score.unjudged += 1;
      identities.miss(exchange.method === "POST" ? exchange.answer : undefined);
      continue;
    }
    const sent = body === undefined ? undefined : (JSON.parse(today(identities.translate(body))) as unknown);
    const { status, body: answer } = await scaleway.call(exchange.method, identities.translate(asked), sent);
    if (status === 501) {
      score.unknown += 1;
      identities.miss(exchange.answer);
      continue;
    }
    score.covered.add(operation);
    if (status !== exchange.status) {
      score.mismatched += 1;
      score.note(`${operation}: ${status}, not ${exchange.status}${status < 300 ? "" : `: ${JSON.stringify(answer)}`}`);
      if (status >= 300) identities.miss(exchange.answer);
      continue;
    }
    identities.learn(exchange.answer, answer);
    const found = exchange.answer === undefined ? [] : differences(exchange.answer, answer);
    for (const { path, what } of found) score.note(`${operation}: ${path} ${what}`);
    if (found.length === 0) score.matched += 1;
    else score.mismatched += 1;
  }
}

/** Method and path with the ids and places left out. */
function operationOf({ method, url }: Exchange): string {
  const path = url.pathname
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}|SCW[A-Z0-9]{17}/g, "{id}")
    .replace(/\/(fr-par|nl-ams|pl-waw|it-mil)(-\d)?/g, "/*")
    .replace(/\/versions\/[^/]+/, "/versions/{version}");
  return `${method} ${path}`;
}

/** A GET that found a state that passes, and is followed by the same GET. */
function isPoll(exchanges: readonly Exchange[], index: number): boolean {
  const { method, url, answer } = exchanges[index] as Exchange;
  if (method !== "GET" || !isObject(answer) || !TRANSIENT.test(String(answer["status"]))) return false;
  return exchanges.slice(index + 1).some((later) => later.method === "GET" && later.url.href === url.href);
}

/**
 * A body as of today: Scaleway offers one patch of each minor version of Kubernetes at a time, and recordings name those
 * of their day; keys that expired since could not be made.
 */
const today = (body: string): string =>
  body.replace(/"1\.35\.\d+"/g, '"1.35.3"').replace(/("expires_at":")\d{4}/g, "$12099");
