import assert from "node:assert/strict";
import { table } from "../../local/cli/table";

describe("Table", () => {
  it("makes each column as wide as its widest cell", () => {
    assert.deepEqual(
      table([
        ["step", "s"],
        ["prepare", "12.5"],
      ]),
      ["step     s", "-------  ----", "prepare  12.5"],
    );
  });
});
