import assert from "node:assert/strict";
import { refusal } from "../../../infra/recommender/refusal";

describe("A refusal by the gate", () => {
  it("is told with the version and the figure", () => {
    assert.match(
      refusal("books-0123456789", { gate: { passed: false, figure: 0.01 } }) ?? "",
      /refused the model of books-0123456789 \(its figure is 0\.01\), so the one before is served/,
    );
  });

  it("is not told of a model that passed, nor where nothing is known", () => {
    assert.equal(refusal("books-0123456789", { gate: { passed: true, figure: 0.07 } }), undefined);
    assert.equal(refusal("books-0123456789", {}), undefined);
    assert.equal(refusal("books-0123456789", undefined), undefined);
  });
});
