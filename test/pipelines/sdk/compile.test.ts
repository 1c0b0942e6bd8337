import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { parseAllDocuments } from "yaml";
import { checkExpression, holds } from "../../../local/kubeflow/engine/expressions";
import { component } from "../../../pipelines/sdk/component";
import { compile } from "../../../pipelines/sdk/compile";
import { and, type Condition, not, or } from "../../../pipelines/sdk/conditions";
import { when } from "../../../pipelines/sdk/control";
import { type InputsOf, pipeline } from "../../../pipelines/sdk/pipeline";
import { double, integer, string } from "../../../pipelines/sdk/types";
import { yamlDocument } from "../../../pipelines/sdk/yaml-document";
import { fromFiles } from "./samples/from-files";
import { samples } from "./samples/pipelines";
import { build, plans } from "./samples/random";
import { make, say } from "./samples/words";

const GOLDEN = join(__dirname, "golden/gate.yaml");

describe("A compiled pipeline", () => {
  it("is the file that was read through once: the metric gate", () => {
    assert.equal(compile(samples.gate).yaml, readFileSync(GOLDEN, "utf8"));
  });

  it("is the same bytes for the same content, in whatever order it is written", () => {
    const inOrder = (...names: readonly string[]) => {
      const of = <T>(values: Readonly<Record<string, T>>) =>
        Object.fromEntries(names.map((name) => [name, values[name]!]));
      const inputs = of({ a: string(), b: string(), c: string() });
      const env = of({ a: "1", b: "2", c: "3" });
      const step = component({ name: "step", inputs, image: "registry.example/x:1", command: ["x"], env });
      return compile(
        pipeline("ordered", () =>
          step(of({ a: "x", b: "y", c: "z" }), { nodeSelector: of({ a: "1", b: "2", c: "3" }) }),
        ),
      );
    };

    assert.equal(inOrder("a", "b", "c").yaml, inOrder("c", "a", "b").yaml);
    fc.assert(
      fc.property(plans, (plan) => {
        const [once, again] = [compile(build("random", plan).pipeline), compile(build("random", plan).pipeline)];
        assert.equal(once.digest, again.digest);
      }),
      { numRuns: 30 },
    );
  });

  it("has another digest as soon as anything of it differs", () => {
    const digest = (text: string, image: string) => compile(pipeline("one", () => say({ text }, { image }))).digest;
    const digests = [digest("a", "x:1"), digest("b", "x:1"), digest("a", "x:2")];

    assert.match(digests[0] ?? "", /^[0-9a-f]{64}$/);
    assert.equal(new Set(digests).size, 3);
  });

  it("is read back as it was, by readers of both versions of YAML", () => {
    for (const sample of [...Object.values(samples), fromFiles]) {
      const { yaml, pipelineSpec, platformSpec } = compile(sample);
      for (const version of ["1.1", "1.2"] as const)
        assert.deepEqual(
          parseAllDocuments(yaml, { version }).map((document) => document.toJS() as unknown),
          platformSpec ? [pipelineSpec, platformSpec] : [pipelineSpec],
        );
    }
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), (content) => {
        const expected = JSON.parse(JSON.stringify(content)) as Record<string, never>;
        for (const version of ["1.1", "1.2"] as const)
          assert.deepEqual(parseAllDocuments(yamlDocument(expected), { version })[0]?.toJS(), expected);
      }),
      { examples: [[{ E0: "e-12" }], [{ off: "12:30", "1_000": ".inf" }]] },
    );
  });

  it("shares what equal steps run, and keeps apart what differs", () => {
    const { pipelineSpec } = compile(
      pipeline("shared", () => {
        say({ text: "a" });
        say({ text: "b" });
        say({ text: "c" }, { env: { LEVEL: "3" } });
      }),
    );
    const { deploymentSpec } = pipelineSpec as unknown as { deploymentSpec: { executors: object } };

    assert.deepEqual(Object.keys(deploymentSpec.executors), ["exec-say", "exec-say-2"]);
  });
});

describe("A condition", () => {
  interface Inputs {
    readonly rows: number;
    readonly rmse: number;
    readonly mode: string;
  }
  const parameters = { rows: integer(), rmse: double(), mode: string() };
  /** Whether steps behind it run, as the backend evaluates it. */
  function verdict(write: (values: InputsOf<typeof parameters>) => Condition, inputs: Inputs): boolean {
    const { pipelineSpec } = compile(
      pipeline("decided", { parameters }, (values) => {
        when(write(values), () => make({ rows: 1 }));
      }),
    );
    const { root } = pipelineSpec as unknown as {
      root: { dag: { tasks: Record<string, { triggerPolicy: { condition: string } }> } };
    };
    const { condition } = root.dag.tasks["condition-1"]!.triggerPolicy;
    checkExpression(condition);
    return holds(
      condition,
      Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`pipelinechannel--${name}`, value])),
    );
  }
  const inputs = fc.record({
    rows: fc.nat(),
    rmse: fc.double({ noNaN: true, noDefaultInfinity: true }),
    mode: fc.string({ unit: "binary" }),
  });

  it("holds where the values say so: order of numbers, equality of any text", () => {
    fc.assert(
      fc.property(inputs, inputs, (given, other) => {
        const { rows, rmse, mode } = given;
        fc.pre(!other.mode.includes("{{$"));
        assert.equal(
          verdict((values) => values.rows.atLeast(other.rows), given),
          rows >= other.rows,
        );
        assert.equal(
          verdict((values) => values.rmse.lessThan(other.rmse), given),
          rmse < other.rmse,
        );
        assert.equal(
          verdict((values) => values.mode.notEquals(other.mode), given),
          mode !== other.mode,
        );
        assert.ok(verdict((values) => values.mode.equals(other.mode), { ...given, mode: other.mode }));
      }),
      { numRuns: 60 },
    );
  });

  it("is put together as it reads, whatever stands in it", () => {
    const given = { rows: 3, rmse: 0.5, mode: 'it\'s "on"\n\\' };

    assert.ok(verdict(({ rows, rmse, mode }) => and(rows.equals(3), rmse.atMost(1), mode.equals(given.mode)), given));
    assert.ok(!verdict(({ rows, rmse }) => and(or(rows.equals(3), rmse.moreThan(1)), not(rows.atMost(3))), given));
    assert.ok(verdict(({ rows, rmse }) => or(and(rows.equals(4), rmse.moreThan(0)), rmse.equals(0.5)), given));
  });
});
