import { strict as assert } from "node:assert";
import { checkParameters } from "../../../local/kubeflow/api/parameters";
import type { JsonObject } from "../../../local/kubeflow/model";

const INPUTS = {
  rate: { parameterType: "NUMBER_DOUBLE" },
  rounds: { parameterType: "NUMBER_INTEGER", defaultValue: 3 },
  name: { parameterType: "STRING", defaultValue: "" },
  quiet: { parameterType: "BOOLEAN", isOptional: true },
  sizes: { parameterType: "LIST", isOptional: true },
  more: { parameterType: "STRUCT", isOptional: true },
  node: { parameterType: "STRING", isOptional: true, literals: ["small", "large"] },
};
const pipelineSpec = { root: { inputDefinitions: { parameters: INPUTS } } };
const check = (given: JsonObject) => checkParameters({ pipelineSpec }, given);

describe("Parameters of runs", () => {
  it("fit by their JSON types, and need not be given where there is a default", () => {
    check({ rate: 1 });
    check({ rate: 0.5, rounds: 2, name: "x", quiet: false, sizes: [1], more: { a: 1 }, node: "small" });
  });

  const refusals: readonly (readonly [string, JsonObject, RegExp])[] = [
    ["a missing one", {}, /"rate" is missing and has no default/],
    ["one that the pipeline does not have", { rate: 1, speed: 2 }, /no parameter "speed" \(it has rate, rounds/],
    ["a text for a number", { rate: "1" }, /"rate" is "1" and must be a number/],
    ["a fraction for a whole number", { rate: 1, rounds: 1.5 }, /"rounds" is 1.5 and must be a whole number/],
    ["a number for a text", { rate: 1, name: 3 }, /"name" is 3 and must be a text/],
    ["a text for true or false", { rate: 1, quiet: "true" }, /must be true or false/],
    ["an object for a list", { rate: 1, sizes: {} }, /must be a list/],
    ["null for an object", { rate: 1, more: null }, /must be an object/],
    ["another than the literals", { rate: 1, node: "huge" }, /must be one of \["small","large"\]/],
  ];
  for (const [what, given, message] of refusals)
    it(`are refused for ${what}`, () => {
      assert.throws(() => check(given), message);
    });

  it("are refused with all faults at once", () => {
    assert.throws(() => check({ rounds: "2", speed: 1 }), /"speed".*"rate" is missing.*"rounds"/);
  });
});
