import { strict as assert } from "node:assert";
import fc from "fast-check";
import { text, time } from "../../../local/kubeflow/api/filters";
import { type ListQuery, page } from "../../../local/kubeflow/api/paging";

interface Item {
  readonly id: string;
  readonly name: string;
  readonly made: number;
}

const FIELDS = { created_at: time<Item>(({ made }) => made), name: text<Item>(({ name }) => name) };
const items = (count: number): Item[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${100 + index}`, name: `n${index % 3}`, made: 1000 * index }));
const list = (all: readonly Item[], query: ListQuery) => page(all, query, FIELDS, ({ id }) => id);

/** All items, page by page; `between` may change what is there. */
function walk(all: readonly Item[], query: ListQuery, between = (rest: readonly Item[]) => rest): string[] {
  const first = list(all, query);
  const read = first.items.map(({ id }) => id);
  let [token, left] = [first.nextPageToken, all];
  while (token) {
    left = between(left);
    const next = list(left, { ...query, page_token: token });
    read.push(...next.items.map(({ id }) => id));
    token = next.nextPageToken;
  }
  return read;
}

describe("Pages of lists", () => {
  it("have 20 items unless told, and 200 at most", () => {
    assert.equal(list(items(300), {}).items.length, 20);
    assert.equal(list(items(300), { page_size: "0" }).items.length, 20);
    assert.equal(list(items(300), { page_size: "1000" }).items.length, 200);
  });

  it("count all matches, and the last has no token", () => {
    const filter = JSON.stringify({ predicates: [{ operation: 1, key: "name", string_value: "n0" }] });
    const first = list(items(7), { filter, page_size: "2" });
    const last = list(items(7), { filter, page_size: "2", page_token: first.nextPageToken });

    assert.deepEqual([first.totalSize, first.items.length], [3, 2]);
    assert.deepEqual([last.totalSize, last.items.length, last.nextPageToken], [3, 1, undefined]);
  });

  it("are ordered by age unless told, and by id where the sorted field is the same", () => {
    const [first] = list(items(5).reverse(), {}).items;
    const names = list(items(6), { sort_by: "name desc" }).items.map(({ id }) => id);

    assert.equal(first?.id, "100");
    assert.deepEqual(names, ["105", "102", "104", "101", "103", "100"]);
  });

  it("hold every item once, whatever the size and order", () => {
    const ids = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 30 });
    const orders = fc.constantFrom("", "name", "name desc", "created_at DESC");
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 7 }), orders, (all, size, sort_by) => {
        const made = all.map((id) => ({ id, name: id.slice(0, 1), made: id.length }));
        const read = walk(made, { page_size: String(size), sort_by });

        assert.deepEqual([...read].sort(), [...all].sort());
        assert.deepEqual(
          read,
          list(made, { page_size: "200", sort_by }).items.map(({ id }) => id),
        );
      }),
    );
  });

  it("leave nothing out while items go", () => {
    const read = walk(items(9), { page_size: "2" }, (left) => left.slice(1));

    assert.deepEqual(
      read,
      items(9).map(({ id }) => id),
    );
  });

  it("go on as the first page, also where order and filter are not repeated", () => {
    const first = list(items(5), { page_size: "2", sort_by: "created_at desc" });
    const second = list(items(5), { page_size: "2", page_token: first.nextPageToken });

    assert.deepEqual(
      second.items.map(({ id }) => id),
      ["102", "101"],
    );
  });

  const token = list(items(5), { page_size: "2" }).nextPageToken;
  const refusals: readonly (readonly [string, ListQuery, RegExp])[] = [
    ["a negative size", { page_size: "-1" }, /-1 is negative/],
    ["a size that is no number", { page_size: "many" }, /"many"/],
    ["an unknown field", { sort_by: "colour" }, /"colour".*created_at, name/],
    ["an unknown order", { sort_by: "name up" }, /"name up"/],
    ["a foreign token", { page_token: "!" }, /"!" was not made/],
    ["another order with the token", { page_token: token, sort_by: "name" }, /those of the first page/],
  ];
  for (const [what, query, message] of refusals)
    it(`refuse ${what}`, () => {
      assert.throws(() => list(items(5), query), message);
    });
});
