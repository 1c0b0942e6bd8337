import { randomBytes, randomInt, randomUUID } from "node:crypto";
import type { PropertyMap, PropertyValue } from "../support/values";

/** One resource type of the random provider. */
export interface RandomKind {
  /** Every input with its default; `undefined` where there is none. */
  readonly defaults: Readonly<Record<string, PropertyValue | undefined>>;
  readonly required: readonly string[];
  /** Outputs beside the inputs. */
  readonly generated: readonly string[];
  /** Those of them that the state keeps encrypted. */
  readonly secretOutputs: readonly string[];
  /** Why these inputs cannot be met, or undefined. */
  refuse(inputs: PropertyMap): string | undefined;
  generate(inputs: PropertyMap): { readonly id: string; readonly outputs: PropertyMap };
}

const LOWER = "abcdefghijklmnopqrstuvwxyz";
const UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const NUMERIC = "0123456789";
const SPECIAL = "!@#$%&*()-_=+[]{}<>:?";

const TEXT_DEFAULTS: RandomKind["defaults"] = {
  keepers: undefined,
  length: undefined,
  lower: true,
  upper: true,
  numeric: true,
  special: true,
  minLower: 0,
  minUpper: 0,
  minNumeric: 0,
  minSpecial: 0,
  overrideSpecial: undefined,
};

const randomString: RandomKind = {
  defaults: TEXT_DEFAULTS,
  required: ["length"],
  generated: ["result"],
  secretOutputs: [],
  refuse: refuseText,
  generate(inputs) {
    const result = text(inputs);
    return { id: result, outputs: { ...inputs, result } };
  },
};

/** Resource types by token. */
export const RANDOM_KINDS: Readonly<Record<string, RandomKind>> = {
  "random:index/randomString:RandomString": randomString,
  "random:index/randomPassword:RandomPassword": {
    ...randomString,
    secretOutputs: ["result"],
    // The id is not secret, hence it says nothing; bcryptHash is left out (see the README).
    generate: (inputs) => ({ id: "none", outputs: { ...inputs, result: text(inputs) } }),
  },
  "random:index/randomId:RandomId": {
    defaults: { keepers: undefined, byteLength: undefined, prefix: undefined },
    required: ["byteLength"],
    generated: ["b64Std", "b64Url", "dec", "hex"],
    secretOutputs: [],
    refuse: ({ byteLength }) =>
      isWholeFrom(byteLength, 1)
        ? undefined
        : `byteLength is ${JSON.stringify(byteLength)}; give a whole number from 1`,
    generate(inputs) {
      const bytes = randomBytes(inputs["byteLength"] as number);
      const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
      const id = bytes.toString("base64url");
      const outputs = {
        ...inputs,
        b64Std: prefix + bytes.toString("base64"),
        b64Url: prefix + id,
        dec: prefix + BigInt(`0x${bytes.toString("hex")}`).toString(),
        hex: prefix + bytes.toString("hex"),
      };
      return { id, outputs };
    },
  },
  "random:index/randomUuid:RandomUuid": {
    defaults: { keepers: undefined },
    required: [],
    generated: ["result"],
    secretOutputs: [],
    refuse: () => undefined,
    generate(inputs) {
      const result = randomUUID();
      return { id: result, outputs: { ...inputs, result } };
    },
  },
};

interface CharacterClass {
  readonly characters: string;
  readonly minimum: number;
}

function classes(inputs: PropertyMap): CharacterClass[] {
  const special = typeof inputs["overrideSpecial"] === "string" ? inputs["overrideSpecial"] : SPECIAL;
  const all: readonly [key: string, minimumKey: string, characters: string][] = [
    ["lower", "minLower", LOWER],
    ["upper", "minUpper", UPPER],
    ["numeric", "minNumeric", NUMERIC],
    ["special", "minSpecial", special],
  ];
  return all
    .filter(([key]) => inputs[key] === true)
    .map(([, minimumKey, characters]) => ({ characters, minimum: Number(inputs[minimumKey] ?? 0) }));
}

function refuseText(inputs: PropertyMap): string | undefined {
  const { length } = inputs;
  if (!isWholeFrom(length, 1)) return `length is ${JSON.stringify(length)}; give a whole number from 1`;
  const used = classes(inputs);
  if (used.every(({ characters }) => characters === "")) {
    return "no character is allowed; set one of lower, upper, numeric and special";
  }
  const minimum = used.reduce((sum, part) => sum + part.minimum, 0);
  return minimum > length ? `length ${length} is below the sum ${minimum} of the minimums; raise length` : undefined;
}

function isWholeFrom(value: PropertyValue | undefined, least: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least;
}

/** Text of the wanted length: first the minimum of each class, then of any class, then shuffled. */
function text(inputs: PropertyMap): string {
  const used = classes(inputs);
  const pool = used.map(({ characters }) => characters).join("");
  const result = used.flatMap(({ characters, minimum }) => Array.from({ length: minimum }, () => pick(characters)));
  while (result.length < (inputs["length"] as number)) result.push(pick(pool));
  return shuffle(result).join("");
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

/** Fisher–Yates, in place. */
function shuffle<T>(items: T[]): T[] {
  for (let last = items.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [items[last], items[other]] = [items[other]!, items[last]!];
  }
  return items;
}
