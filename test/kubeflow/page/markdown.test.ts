import { strict as assert } from "node:assert";
import fc from "fast-check";
import { markdown } from "../../../local/kubeflow/page/client/parts/markdown";
import type { View } from "../../../local/kubeflow/page/client/view";

/** Tags and texts alone. */
type Outline = string | readonly unknown[];
const outline = (view: View | string): Outline =>
  typeof view === "string" ? view : [view.tag, ...view.children.map(outline)];
const read = (...lines: string[]): Outline[] => markdown(lines.join("\n")).map(outline);
const letters = (view: View | string): string =>
  typeof view === "string" ? view : view.children.map(letters).join("");

describe("Markdown that a step wrote", () => {
  it("has headings, paragraphs, emphasis and code", () => {
    assert.deepEqual(read("# Times", "Of **21** queries,", "by _scikit_ and `a*b*c`.", "", "Next snake_case_name."), [
      ["h4", "Times"],
      ["p", "Of ", ["strong", "21"], " queries,\nby ", ["em", "scikit"], " and ", ["code", "a*b*c"], "."],
      ["p", "Next snake_case_name."],
    ]);
  });

  it("has lists and blocks of code", () => {
    assert.deepEqual(read("- a", "* b", "", "1. one", "2. two", "```sh", "# no heading", "```", "end"), [
      ["ul", ["li", "a"], ["li", "b"]],
      ["ol", ["li", "one"], ["li", "two"]],
      ["pre", "# no heading"],
      ["p", "end"],
    ]);
  });

  it("has tables, with as many cells in a row as in the head", () => {
    const [table] = read("| Query | p50 |", "| --- | ---: |", "| a\\|b | 1 | more |", "| c |", "", "after");

    assert.deepEqual(table, [
      "div",
      [
        "table",
        ["thead", ["tr", ["th", "Query"], ["th", "p50"]]],
        ["tbody", ["tr", ["td", "a|b"], ["td", "1"]], ["tr", ["td", "c"], ["td"]]],
      ],
    ]);
  });

  it("shows links and HTML as the text that they are", () => {
    const text = '<img src=x onerror="x()"> [here](javascript:x())';

    assert.deepEqual(read(text), [["p", text]]);
  });

  it("ends, and makes no word of its own, whatever a step wrote", () => {
    const line = fc.oneof(
      fc.constantFrom("", "```", "|", "| - |", "a | b", "- ", "# ", "**", "1) x", "---|---"),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const source = lines.join("\n");
        for (const letter of markdown(source).map(letters).join("")) assert.ok(source.includes(letter));
      }),
    );
  });
});
