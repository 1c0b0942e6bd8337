import { type Interval, meanInterval } from "./bootstrap";
import { StepError } from "../program/step-error";

/** Values of a model's quality, one a user (or a row): what the evaluation step writes. */
export interface Scores {
  readonly metric: string;
  /** Which data, split how; only values of one sample are comparable. */
  readonly sample: string;
  readonly ids: readonly string[];
  readonly values: readonly number[];
  /** The same for the plain line: best sellers, or the most frequent class. */
  readonly baseline: readonly number[];
}

export interface GateRules {
  /** Least mean of the metric. */
  readonly floor: number;
  /** By how much the new model may be worse than the live one. */
  readonly margin: number;
}

export interface Verdict {
  readonly passed: boolean;
  /** One sentence a rule. */
  readonly reasons: readonly string[];
  readonly metric: string;
  readonly sample: string;
  readonly figure: number;
  readonly baseline: number;
  /** New less baseline, paired. */
  readonly overBaseline: Interval;
  /** New less live, paired; absent where nothing live can be compared. */
  readonly overLive?: Interval & { readonly version: string; readonly figure: number };
  readonly rules: GateRules;
}

/**
 * Decides whether a model may be served: its figure reaches the floor, it is better than the baseline by more than the
 * 95 % interval, and it is not worse than the live model by more than the margin.
 */
export function judge(
  scores: Scores,
  live: { readonly version: string; readonly scores: Scores } | undefined,
  rules: GateRules,
): Verdict {
  const { metric, sample, values } = scores;
  const figure = mean(values);
  const overBaseline = meanInterval(values.map((value, at) => value - scores.baseline[at]!));
  const outcomes = [
    rule(figure >= rules.floor, `${metric} is ${show(figure)} and ${show(rules.floor)} is the least`),
    rule(
      overBaseline.lower > 0,
      `it is better than the baseline (${show(mean(scores.baseline))}) by ${showInterval(overBaseline)}`,
    ),
  ];
  const overLive = live && compare(scores, live.scores);
  if (overLive)
    outcomes.push(
      rule(
        overLive.lower > -rules.margin,
        `against the live model ${live.version} (${show(overLive.figure)}) it is ${showInterval(overLive)}, and more than ${show(-rules.margin)} is wanted`,
      ),
    );
  else
    outcomes.push(rule(true, live ? `live model ${live.version} was measured on another sample` : "no model is live"));
  return {
    passed: outcomes.every(({ holds }) => holds),
    reasons: outcomes.map(({ holds, text }) => `${holds ? "ok" : "NOT REACHED"}: ${text}.`),
    ...{ metric, sample, figure, baseline: mean(scores.baseline), overBaseline, rules },
    ...(live && overLive && { overLive: { version: live.version, ...overLive } }),
  };
}

/** Reads what the evaluation wrote. @throws StepError saying what is missing */
export function parseScores(text: string, where: string): Scores {
  const value = parsed(text, where);
  const { metric, sample, ids, values, baseline } = value;
  if (typeof metric !== "string" || typeof sample !== "string")
    throw new StepError(`${where} does not name metric and sample: run the evaluation again.`);
  const count = Array.isArray(ids) ? ids.length : 0;
  const numbers = [values, baseline].every(
    (list) => Array.isArray(list) && list.length === count && list.every((entry) => Number.isFinite(entry)),
  );
  if (count === 0 || !numbers)
    throw new StepError(`${where} needs ids, values and baseline of one length, at least 1: run the evaluation again.`);
  return value as unknown as Scores;
}

function parsed(text: string, where: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new StepError(`${where} is not a JSON object: run the evaluation again.`);
}

/** The difference on those that both have values of; undefined where there are none, or of another kind. */
function compare(ours: Scores, theirs: Scores): (Interval & { readonly figure: number }) | undefined {
  if (ours.metric !== theirs.metric || ours.sample !== theirs.sample) return undefined;
  const known = new Map(theirs.ids.map((id, at) => [id, theirs.values[at]!]));
  const pairs = ours.ids.flatMap((id, at) => (known.has(id) ? [[ours.values[at]!, known.get(id)!] as const] : []));
  if (pairs.length === 0) return undefined;
  return { ...meanInterval(pairs.map(([a, b]) => a - b)), figure: mean(pairs.map(([, b]) => b)) };
}

function rule(holds: boolean, text: string) {
  return { holds, text };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const show = (value: number) => value.toFixed(4);
const showInterval = ({ mean: middle, lower, upper }: Interval) =>
  `${show(middle)} (95 %: ${show(lower)} to ${show(upper)})`;
