import fc from "fast-check";
import type { Condition } from "../../../../pipelines/sdk/conditions";
import { and, not, or } from "../../../../pipelines/sdk/conditions";
import { exitHandler, forEach, when } from "../../../../pipelines/sdk/control";
import { type AnyPipeline, pipeline } from "../../../../pipelines/sdk/pipeline";
import type { Step } from "../../../../pipelines/sdk/step";
import { boolean, dataset, double, integer, string } from "../../../../pipelines/sdk/types";
import type { ArtifactValue, Comparable, Ordered } from "../../../../pipelines/sdk/values";
import { make, publish, report, say, score, train } from "./words";

/** A pipeline as data; every `pick` chooses among the values that are in sight. */
export type Plan = readonly Part[];
type Part =
  | { readonly do: "say" | "make" | "train" | "score" | "publish"; readonly pick: number; readonly after: boolean }
  | { readonly do: "when"; readonly holds: boolean; readonly pick: number; readonly body: Plan }
  | { readonly do: "choose"; readonly holds: boolean; readonly then: Plan; readonly otherwise: Plan }
  | { readonly do: "loop"; readonly items: readonly number[]; readonly parallelism?: number; readonly body: Plan }
  | { readonly do: "nest"; readonly body: Plan }
  | { readonly do: "guard"; readonly body: Plan };

const pick = fc.nat({ max: 1000 });

export const plans: fc.Arbitrary<Plan> = fc.letrec<{ plan: Plan; part: Part }>((tie) => {
  const body = tie("plan");
  return {
    plan: fc.array(tie("part"), { minLength: 1, maxLength: 4 }),
    part: fc.oneof(
      { depthSize: "small", maxDepth: 3 },
      fc.record({
        do: fc.constantFrom("say", "make", "train", "score", "publish"),
        pick,
        after: fc.boolean(),
      }),
      fc.record({ do: fc.constant("when"), holds: fc.boolean(), pick, body }),
      fc.record({ do: fc.constant("choose"), holds: fc.boolean(), then: body, otherwise: body }),
      fc.record({
        do: fc.constant("loop"),
        items: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 2 }),
        parallelism: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
        body,
      }),
      fc.record({ do: fc.constant("nest"), body }),
      fc.record({ do: fc.constant("guard"), body }),
    ),
  };
}).plan;

/** What is in sight, by type; the last is the newest. */
interface Sight {
  readonly strings: Comparable<"STRING">[];
  readonly integers: Ordered<"NUMBER_INTEGER">[];
  readonly doubles: Ordered<"NUMBER_DOUBLE">[];
  readonly data: ArtifactValue<"system.Dataset", false>[];
  readonly models: ArtifactValue<"system.Model", false>[];
  readonly yes: Comparable<"BOOLEAN">;
  readonly steps: Step[];
  readonly top: boolean;
}

/** The pipeline of a plan, and how many tasks of containers run in it. */
export function build(name: string, plan: Plan): { pipeline: AnyPipeline; tasks: number } {
  let tasks = 0;
  const parameters = {
    word: string({ default: "w" }),
    count: integer({ default: 3 }),
    ratio: double({ default: 0.5 }),
    yes: boolean({ default: true }),
  };
  const made = pipeline(name, { parameters }, ({ word, count, ratio, yes }) => {
    const { data } = make({ rows: count }).outputs;
    const { model } = train({ data }).outputs;
    const sight: Sight = {
      strings: [word],
      integers: [count],
      doubles: [ratio],
      data: [data],
      models: [model],
      yes,
      steps: [],
      top: true,
    };
    tasks = 2 + write(plan, sight, name);
  });
  return { pipeline: made, tasks };
}

/** Inside a body all from around it is in sight; what is made there is not seen outside. */
const inside = (sight: Sight): Sight => ({
  ...sight,
  strings: [...sight.strings],
  integers: [...sight.integers],
  doubles: [...sight.doubles],
  data: [...sight.data],
  models: [...sight.models],
  steps: [...sight.steps],
  top: false,
});

function chosen<T>(values: readonly T[], index: number): T {
  return values[index % values.length] as T;
}

function write(plan: Plan, sight: Sight, name: string): number {
  return plan.reduce((sum, part, index) => sum + writePart(part, sight, `${name}-${index}`), 0);
}

function writePart(part: Part, sight: Sight, name: string): number {
  switch (part.do) {
    case "when": {
      let count = 0;
      const step = when(condition(part.holds, part.pick, sight), () => {
        count = write(part.body, inside(sight), name);
      });
      if (part.holds) sight.steps.push(step);
      return part.holds ? count : 0;
    }
    case "choose": {
      const counts = { then: 0, otherwise: 0 };
      const { text } = when(
        condition(part.holds, 0, sight),
        () => {
          counts.then = write(part.then, inside(sight), name);
          return { text: say({ text: "then" }).outputs.said };
        },
        () => {
          counts.otherwise = write(part.otherwise, inside(sight), name);
          return { text: say({ text: "otherwise" }).outputs.said };
        },
      ).outputs;
      sight.strings.push(text);
      return 1 + (part.holds ? counts.then : counts.otherwise);
    }
    case "loop": {
      let count = 0;
      const { items, parallelism } = part;
      const step = forEach(items, { item: integer(), parallelism }, (item) => {
        const inner = inside(sight);
        inner.integers.push(item);
        count = write(part.body, inner, name);
      });
      sight.steps.push(step);
      return items.length * count;
    }
    case "nest": {
      let count = 0;
      const taken = { word: string(), count: integer(), ratio: double(), yes: boolean() };
      const inner = pipeline(name, { parameters: taken, artifacts: { data: dataset() } }, (inputs) => {
        const { said } = say({ text: inputs.word }).outputs;
        const { model } = train({ data: inputs.data }).outputs;
        const { word, count: rows, ratio, yes, data } = inputs;
        const own = { strings: [word], integers: [rows], doubles: [ratio], data: [data], models: [model], yes };
        count = 2 + write(part.body, { ...own, steps: [], top: false }, name);
        return { said };
      });
      const [word, rows, ratio] = [chosen(sight.strings, 7), chosen(sight.integers, 7), chosen(sight.doubles, 7)];
      const task = inner({ word, count: rows, ratio, yes: sight.yes, data: chosen(sight.data, 7) });
      sight.strings.push(task.outputs.said);
      sight.steps.push(task);
      return count;
    }
    case "guard": {
      // An exit handler stands directly in a pipeline; elsewhere its body is written as it is.
      if (!sight.top) return write(part.body, inside(sight), name);
      let count = 0;
      exitHandler(
        (status) => report({ status, to: name }),
        () => {
          count = write(part.body, inside(sight), name);
        },
      );
      return 1 + count;
    }
    default:
      return writeTask(part.do, part.pick, part.after, sight);
  }
}

function writeTask(kind: "say" | "make" | "train" | "score" | "publish", index: number, after: boolean, sight: Sight) {
  const step = taskOf(kind, index, sight);
  if (after && sight.steps.length > 0) step.after(chosen(sight.steps, index));
  sight.steps.push(step);
  return 1;
}

function taskOf(kind: "say" | "make" | "train" | "score" | "publish", index: number, sight: Sight): Step {
  switch (kind) {
    case "say": {
      const task = say({ text: chosen(sight.strings, index) });
      sight.strings.push(task.outputs.said);
      return task;
    }
    case "make": {
      const task = make({ rows: chosen(sight.integers, index) });
      sight.data.push(task.outputs.data);
      return task;
    }
    case "train": {
      const task = train({ data: chosen(sight.data, index), rank: chosen(sight.integers, index) });
      sight.models.push(task.outputs.model);
      sight.integers.push(task.outputs.rows);
      return task;
    }
    case "score": {
      const task = score({ rank: chosen(sight.integers, index), shrink: chosen(sight.doubles, index) });
      sight.doubles.push(task.outputs.score);
      return task;
    }
    case "publish":
      return publish({ model: chosen(sight.models, index), note: chosen(sight.strings, index) });
  }
}

/** Holds or not, whatever the values in sight are: all numbers are above 0. */
function condition(holds: boolean, index: number, sight: Sight): Condition {
  const positive = chosen(sight.integers, index).moreThan(0);
  const known = or(sight.yes.equals(true), chosen(sight.strings, index).equals("never"));
  const both = and(positive, known, chosen(sight.doubles, index).atLeast(0));
  return holds ? both : not(both);
}
