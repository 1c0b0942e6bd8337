import assert from "node:assert/strict";
import {
  UNKNOWN_VALUE,
  decodeValue,
  encodeValue,
  type Value,
  type ValueMap,
} from "../../local/plugins/scaleway/dynamic-value";
import { proposedState } from "../../local/plugins/scaleway/proposed-state";
import type { BlockMessage } from "../../local/plugins/scaleway/protocol";
import { objectSchema, attribute, block } from "./support/schemas";

interface Case {
  readonly of: string;
  readonly schema: BlockMessage;
  readonly prior: ValueMap | null;
  readonly config: ValueMap;
  readonly proposed: ValueMap;
}

const plain = {
  attributes: [attribute("set"), attribute("made", { computed: true, optional: true })],
  block_types: [],
};
const withList: BlockMessage = { attributes: [], block_types: [block("item", plain, "list")] };
const withSet: BlockMessage = { attributes: [], block_types: [block("item", plain, "set")] };
const withSingle: BlockMessage = { attributes: [], block_types: [block("item", plain, "single")] };

const CASES: readonly Case[] = [
  {
    of: "what is configured wins over what was",
    schema: plain,
    prior: { set: "old", made: "old" },
    config: { set: "new", made: "new" },
    proposed: { set: "new", made: "new" },
  },
  {
    of: "what is not configured keeps its value only where the provider computes it",
    schema: plain,
    prior: { set: "old", made: "old" },
    config: { set: null, made: null },
    proposed: { set: null, made: "old" },
  },
  {
    of: "a creation leaves computed values null",
    schema: plain,
    prior: null,
    config: { set: "new", made: null },
    proposed: { set: "new", made: null },
  },
  {
    of: "an unknown stays unknown",
    schema: plain,
    prior: { set: "old", made: "old" },
    config: { set: UNKNOWN_VALUE, made: UNKNOWN_VALUE },
    proposed: { set: UNKNOWN_VALUE, made: UNKNOWN_VALUE },
  },
  {
    of: "list items are matched by position",
    schema: withList,
    prior: { item: [{ set: "a", made: "1" }] },
    config: {
      item: [
        { set: "b", made: null },
        { set: "a", made: null },
      ],
    },
    proposed: {
      item: [
        { set: "b", made: "1" },
        { set: "a", made: null },
      ],
    },
  },
  {
    of: "set items are matched by what is configured",
    schema: withSet,
    prior: {
      item: [
        { set: "a", made: "1" },
        { set: "b", made: "2" },
      ],
    },
    config: {
      item: [
        { set: "b", made: null },
        { set: "c", made: null },
      ],
    },
    proposed: {
      item: [
        { set: "b", made: "2" },
        { set: "c", made: null },
      ],
    },
  },
  {
    of: "two equal set items do not share one prior item",
    schema: withSet,
    prior: { item: [{ set: "a", made: "1" }] },
    config: {
      item: [
        { set: "a", made: null },
        { set: "a", made: null },
      ],
    },
    proposed: {
      item: [
        { set: "a", made: "1" },
        { set: "a", made: null },
      ],
    },
  },
  {
    of: "a removed block is gone with what it computed",
    schema: withList,
    prior: { item: [{ set: "a", made: "1" }] },
    config: { item: [] },
    proposed: { item: [] },
  },
  {
    of: "a single block is planned in its parts",
    schema: withSingle,
    prior: { item: { set: "a", made: "1" } },
    config: { item: { set: "b", made: null } },
    proposed: { item: { set: "b", made: "1" } },
  },
];

describe("The proposed state", () => {
  for (const { of, schema, prior, config, proposed } of CASES) {
    it(of, () => {
      assert.deepEqual(proposedState(objectSchema(schema), prior, config), proposed);
    });
  }
});

describe("Values for the provider", () => {
  it("come back from their encoding, unknowns included", () => {
    const values: Value[] = [null, true, 0, -3, 0.5, 2 ** 40, "text", [UNKNOWN_VALUE, { a: [], b: UNKNOWN_VALUE }]];

    for (const value of values) assert.deepEqual(decodeValue(encodeValue(value)), value);
  });

  it("are unknown where the provider knows only something about them", () => {
    // fixext 1 of type 12 with one byte, as the provider writes a refined unknown.
    assert.equal(decodeValue({ msgpack: Buffer.from([0xd4, 12, 0x80]) }), UNKNOWN_VALUE);
  });

  it("are null where the provider sends none", () => {
    assert.equal(decodeValue(null), null);
    assert.equal(decodeValue({ msgpack: Buffer.alloc(0) }), null);
  });
});
