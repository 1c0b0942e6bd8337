import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { runStep } from "../program/run-step";
import { StepError } from "../program/step-error";
import { StepOutputs } from "../program/step-outputs";
import { judge, parseScores, type Scores, type Verdict } from "./gate";
import { ModelStore, SCORES } from "./model-store";
import { publish } from "./publish";

const text = (value: string) => ({ type: "string", default: value }) as const;

runStep(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      recommender: text(""),
      models: text(""),
      scores: text(""),
      floor: text("0"),
      margin: text("0.004"),
      model: text(""),
      metrics: text(""),
      training: text(""),
      run: text(""),
      keep: text("5"),
      "executor-input": { type: "string" },
    },
  });
  const { recommender, models, scores, floor, margin, keep, ...rest } = values;
  const outputs = new StepOutputs(values["executor-input"]);
  const store = new ModelStore(models, recommender);
  try {
    switch (positionals.join(" ")) {
      case "gate": {
        const rules = { floor: number("floor", floor), margin: number("margin", margin) };
        const verdict = judge(parseScores(await readFile(scores, "utf8"), scores), await liveScores(store), rules);
        await report(outputs, verdict);
        return verdict;
      }
      case "publish": {
        const published = await publish(store, { ...rest, scores, keep: number("keep", keep) });
        await outputs.parameter("version", published.version);
        return published;
      }
      default:
        throw new StepError(`"${positionals.join(" ")}" is no step; there are gate and publish.`);
    }
  } finally {
    store.close();
  }
});

async function liveScores(store: ModelStore): Promise<{ version: string; scores: Scores } | undefined> {
  const { value: current } = (await store.current()) ?? {};
  if (!current) return undefined;
  const { version } = current;
  const content = await store.file(version, SCORES);
  return content && { version, scores: parseScores(content.toString(), `${SCORES} of the live model ${version}`) };
}

async function report(outputs: StepOutputs, verdict: Verdict): Promise<void> {
  const { passed, metric, figure, baseline, overBaseline, overLive } = verdict;
  const figures = {
    passed,
    [metric]: figure,
    baseline,
    "over baseline, lower end": overBaseline.lower,
    ...(overLive && { live: overLive.figure, "over live, lower end": overLive.lower }),
  };
  await outputs.parameter("passed", passed);
  await outputs.parameter("figure", figure);
  await outputs.artifact("verdict", JSON.stringify(verdict, null, 2), figures);
  await outputs.finish();
}

function number(flag: string, value: string): number {
  const parsed = value.trim() === "" ? NaN : Number(value);
  if (!Number.isFinite(parsed)) throw new StepError(`--${flag} "${value}" is no number.`);
  return parsed;
}
