import assert from "node:assert/strict";
import fc from "fast-check";
import {
  containsUnknown,
  dropNulls,
  fromStruct,
  isSecret,
  markSecrets,
  secret,
  secretPaths,
  SIGNATURE,
  stripSecrets,
  toStruct,
  UNKNOWN,
  unsupportedValue,
  type PropertyMap,
  type PropertyValue,
} from "../../local/plugins/support/values";

const key = fc.string().filter((text) => text !== "__proto__" && text !== SIGNATURE);
const { value: plainValue } = fc.letrec<{ value: PropertyValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => (number === 0 ? 0 : number)),
    fc.string(),
    fc.constant(UNKNOWN),
    fc.array(tie("value")),
    fc.dictionary(key, tie("value"), { noNullPrototype: true }),
  ),
}));
const plainMap: fc.Arbitrary<PropertyMap> = fc.dictionary(key, plainValue, { noNullPrototype: true });

describe("Pulumi values", () => {
  it("survive the wire", () => {
    fc.assert(fc.property(plainMap, (map) => assert.deepEqual(fromStruct(toStruct(map)), map)));
  });

  it("lose every secret wrapper and nothing else", () => {
    fc.assert(
      fc.property(plainMap, (map) => {
        const wrapped = Object.fromEntries(Object.entries(map).map(([name, value]) => [name, secret(value)]));

        assert.deepEqual(stripSecrets(wrapped), map);
        assert.deepEqual(stripSecrets(map), map);
      }),
    );
  });

  it("keep a secret mark through strip and mark, whatever the names", () => {
    fc.assert(
      fc.property(key, key, plainValue, (outer, inner, value) => {
        fc.pre(value !== null);
        const marked: PropertyMap = { [outer]: { [inner]: secret(value) } };

        assert.deepEqual(markSecrets(stripSecrets(marked), secretPaths(marked)), marked);
      }),
    );
  });

  it("mark the whole list where one of its elements is secret", () => {
    const paths = secretPaths({ list: ["a", secret("b")] });

    const marked = markSecrets({ list: ["b", "a"] }, paths) as PropertyMap;

    assert.ok(isSecret(marked["list"]));
  });

  it("do not invent what a secret path misses", () => {
    assert.deepEqual(markSecrets({ a: 1 }, [["b"], ["a", "c"]]), { a: 1 });
  });

  it("are unknown where anything inside is", () => {
    assert.ok(containsUnknown({ a: [{ b: secret(UNKNOWN) }] }));
    assert.ok(!containsUnknown({ a: [{ b: "known" }] }));
  });

  it("drop null properties at any depth and keep null elements", () => {
    assert.deepEqual(dropNulls({ a: null, b: { c: null, d: [null, { e: null }] } }), { b: { d: [null, {}] } });
  });

  it("name the place of an asset", () => {
    const asset: PropertyMap = { [SIGNATURE]: "c44067f5952c0a294b673a41bacd8c17" };

    assert.match(unsupportedValue({ files: [{ source: asset }] }) ?? "", /^files\[0\]\.source is an asset/);
    assert.equal(unsupportedValue({ files: [{ source: secret("text") }] }), undefined);
  });
});
