import { strict as assert } from "node:assert";
import { ApiError } from "../../../local/kubeflow/api/errors";
import { parseFilter, text, time } from "../../../local/kubeflow/api/filters";

interface Item {
  readonly name?: string;
  readonly made: number;
}

const FIELDS = { name: text<Item>(({ name }) => name), created_at: time<Item>(({ made }) => made) };
const at = (clock: string): number => Date.parse(`2026-03-01T${clock}Z`);
const ITEMS: readonly Item[] = [
  { name: "Books", made: at("10:00:00.250") },
  { name: "films", made: at("11:00:00") },
  { made: at("12:00:00") },
];

const passing = (predicate: object): (string | undefined)[] =>
  ITEMS.filter(parseFilter(JSON.stringify({ predicates: [predicate] }), FIELDS)).map(({ name }) => name);

describe("Filters of lists", () => {
  it("compare texts without regard to case", () => {
    assert.deepEqual(passing({ operation: "EQUALS", key: "name", string_value: "books" }), ["Books"]);
    assert.deepEqual(passing({ operation: "NOT_EQUALS", key: "name", string_value: "books" }), ["films", undefined]);
    assert.deepEqual(passing({ operation: "IS_SUBSTRING", key: "name", string_value: "IL" }), ["films"]);
    assert.deepEqual(passing({ operation: "IN", key: "name", string_values: { values: ["films", "x"] } }), ["films"]);
  });

  it("take operations by number and fields in camelCase, as the client sends them", () => {
    assert.deepEqual(passing({ operation: 1, key: "name", stringValue: "films" }), ["films"]);
    assert.deepEqual(passing({ operation: 8, key: "name", stringValues: { values: ["books"] } }), ["Books"]);
  });

  it("compare times in whole seconds, as answers show them", () => {
    const value = { timestamp_value: "2026-03-01T10:00:00Z" };

    assert.deepEqual(passing({ operation: "EQUALS", key: "created_at", ...value }), ["Books"]);
    assert.deepEqual(passing({ operation: "GREATER_THAN", key: "created_at", ...value }), ["films", undefined]);
    assert.deepEqual(passing({ operation: "LESS_THAN_EQUALS", key: "created_at", ...value }), ["Books"]);
    assert.deepEqual(
      passing({ operation: "GREATER_THAN_EQUALS", key: "created_at", long_value: String(at("12:00:00") / 1000) }),
      [undefined],
    );
  });

  it("hold all at once, and nothing where there is none", () => {
    const both = [
      { operation: "IS_SUBSTRING", key: "name", string_value: "s" },
      { operation: "LESS_THAN", key: "created_at", timestamp_value: "2026-03-01T10:30:00Z" },
    ];

    assert.equal(ITEMS.filter(parseFilter(JSON.stringify({ predicates: both }), FIELDS)).length, 1);
    assert.equal(ITEMS.filter(parseFilter("", FIELDS)).length, 3);
    assert.equal(ITEMS.filter(parseFilter("{}", FIELDS)).length, 3);
  });

  const refusals: readonly (readonly [string, unknown, RegExp])[] = [
    ["what is not JSON", "name=books", /not JSON/],
    [
      "an unknown field",
      { predicates: [{ operation: 1, key: "colour", string_value: "x" }] },
      /"colour".*name, created_at/,
    ],
    [
      "a name of every object",
      { predicates: [{ operation: 1, key: "constructor", string_value: "x" }] },
      /"constructor"/,
    ],
    ["an unknown operation", { predicates: [{ operation: "LIKE", key: "name", string_value: "x" }] }, /"LIKE".*EQUALS/],
    ["no value", { predicates: [{ operation: 1, key: "name" }] }, /has no value/],
    ["a time that is none", { predicates: [{ operation: 1, key: "created_at", string_value: "noon" }] }, /"noon"/],
    ["an unknown part", { predicates: [{ operation: 1, key: "name", value: "x" }] }, /value/],
  ];
  for (const [what, filter, message] of refusals)
    it(`refuse ${what}`, () => {
      const given = typeof filter === "string" ? filter : JSON.stringify(filter);

      assert.throws(
        () => parseFilter(given, FIELDS),
        (error: unknown) => {
          return error instanceof ApiError && error.status === 400 && message.test(error.message);
        },
      );
    });
});
