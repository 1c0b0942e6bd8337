import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { checkSettings } from "../../infra/settings";
import { reference, REFERENCE_FILE } from "../../infra/settings-reference";
import { SCHEMA_FILE, stackFileSchema } from "../../infra/settings-schema";
import { rawSettings, settingsOf, type RawSettings } from "../support/settings";

/** Sets (or, with undefined, removes) the value at a dotted key of the settings of `dev`. */
function dev(changes: Readonly<Record<string, unknown>>): RawSettings {
  const raw = structuredClone(rawSettings("dev"));
  for (const [key, value] of Object.entries(changes)) {
    const path = key.split(".");
    const last = path.pop() as string;
    const group = path.reduce<Record<string, unknown>>((at, step) => (at[step] ??= {}) as Record<string, unknown>, raw);
    if (value === undefined) delete group[last];
    else group[last] = value;
  }
  return raw;
}

function mistakesOf(raw: RawSettings): string {
  try {
    checkSettings(raw, "The test");
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}

const gpu = "cluster.pools.gpu";

describe("Settings", () => {
  for (const environment of ["local", "dev", "production"] as const)
    it(`accepts the stack file of ${environment}`, () => {
      assert.equal(mistakesOf(rawSettings(environment)), "");
    });

  it("says one thing about one mistake: its key, its value and what would be right", () => {
    assert.equal(
      mistakesOf(dev({ [`${gpu}.minNodes`]: 3 })),
      "The test has 1 mistake:\n  recommender:cluster.pools.gpu.minNodes is 3, but must be at most maxNodes, which is 2: raise maxNodes or lower minNodes",
    );
  });

  const refused: [string, Record<string, unknown>, RegExp][] = [
    ["a missing section", { platform: undefined }, /recommender:platform is missing/],
    ["a missing key", { "project.name": undefined }, /recommender:project\.name is missing/],
    [
      "an unknown section",
      { clusters: {} },
      /recommender:clusters is \{\}, but there is no such setting: did you mean cluster\?/,
    ],
    ["a misspelt key deep inside", { [`${gpu}.maxNods`]: 3 }, /pools\.gpu\.maxNods is 3, .* did you mean maxNodes\?/],
    ["an unknown key", { "project.colour": "red" }, /project\.colour is "red", .* known here are name, organizationId/],
    [
      "a version that YAML read as a number",
      { "cluster.version": 1.36 },
      /cluster\.version is 1\.36, but must be a text/,
    ],
    ["a full version with auto-upgrade", { "cluster.version": "1.36.1" }, /a minor version such as "1\.36"/],
    [
      "a minor version without",
      { "cluster.autoUpgrade": undefined },
      /a full version such as "1\.36\.4", or set autoUpgrade/,
    ],
    ["an unknown node type", { [`${gpu}.nodeType`]: "L4" }, /nodeType is "L4", but must be one of .*L4-1-24G/],
    ["a GPU pool without GPUs", { [`${gpu}.nodeType`]: "GP1-XS" }, /must be a type with a GPU, since kind is gpu/],
    ["GPUs in a CPU pool", { "cluster.pools.cpu.nodeType": "L4-1-24G" }, /without GPU, since kind is cpu/],
    ["a pool of no nodes", { [`${gpu}.maxNodes`]: 0 }, /maxNodes is 0, but must be 1 or more/],
    ["no GPU for the step that waits for one", { "platform.maxGpus": 0 }, /maxGpus is 0, but must be 1 or more/],
    ["a zone outside the region", { "project.zone": "nl-ams-1" }, /a zone of region fr-par/],
    [
      "a pool's zone outside the region",
      { [`${gpu}.zone`]: "pl-waw-2" },
      /pools\.gpu\.zone is "pl-waw-2", .*region fr-par/,
    ],
    ["a type its zone does not have", { [`${gpu}.zone`]: "fr-par-3" }, /this one is in fr-par-1, fr-par-2, pl-waw-2/],
    ["no lasting CPU pool", { "cluster.pools.cpu.minNodes": 0 }, /one pool of kind cpu with minNodes 1 or more/],
    ["books on a pool that is not there", { "recommenders.books.gpuPool": "big" }, /of kind gpu \(gpu\)/],
    [
      "iris on a pool that is not there",
      { "recommenders.iris": { cpuPool: "big", serving: { replicas: 1, resources: { cpu: "1", memory: "1Gi" } } } },
      /iris\.cpuPool is "big", but must be the name of a pool of kind cpu \(cpu\)/,
    ],
    ["a size without unit", { "platform.sharedVolume.size": "50" }, /unit Mi, Gi or Ti/],
    ["a number as size", { "platform.sharedVolume.size": 50 }, /size is 50, but must be/],
    [
      "an unknown kind of volume",
      { "platform.sharedVolume": { kind: "ntfs" } },
      /kind is "ntfs", but must be .*nfs.*hostPath/,
    ],
    ["a directory for nfs", { "platform.sharedVolume.path": "/srv" }, /path is "\/srv", but there is no such setting/],
    ["no data", { "recommenders.books.data": undefined }, /books\.data is missing: it must be the ratings/],
    [
      "data from two places",
      { "recommenders.books.data.url": "https://example.org/a.zip" },
      /url is .* only one of them/,
    ],
    ["data over plain http", { "recommenders.books.data.url": "http://example.org/a.zip" }, /begins with https/],
    ["a checksum of another kind", { "recommenders.books.data.sha256": "d41d8cd9" }, /64 hexadecimal digits/],
    ["an expiry without time", { "foundation.apiKeysExpireAt": "next year" }, /a time in UTC such as/],
    [
      "a duration without unit",
      { "cluster.autoscaler": { scaleDownUnneededTime: "10" } },
      /hours, minutes and seconds/,
    ],
    ["a network that is none", { "cluster.privateSubnet": "172.16.0.0" }, /an IPv4 network such as/],
    [
      "an address with a prefix as a network",
      { "cluster.privateSubnet": "172.16.5.1/22" },
      /privateSubnet is "172\.16\.5\.1\/22", but must be "172\.16\.4\.0\/22", the network/,
    ],
    [
      "an address outside a byte",
      { "cluster.access": { networks: [{ network: "10.0.0.256/32", description: "" }] } },
      /networks\.0\.network is "10\.0\.0\.256\/32", but must be an IPv4 network/,
    ],
    ["true as a text", { "foundation.protect": "true" }, /protect is "true", but must be true or false/],
  ];
  for (const [what, changes, message] of refused)
    it(`refuses ${what}`, () => {
      assert.match(mistakesOf(dev(changes)), message);
    });

  it("tells all mistakes at once, whatever else is wrong around them", () => {
    const several = dev({
      clusters: {},
      "project.zone": "nl-ams-1",
      "project.name": undefined,
      [`${gpu}.minNodes`]: 5,
      [`${gpu}.nodeType`]: "GP1-XS",
      "cluster.version": "1.36.1",
      "platform.sharedVolume.size": "1TB",
      "recommenders.books.gpuPool": "cpu",
    });

    const message = mistakesOf(several);

    assert.match(message, /^The test has 8 mistakes:/);
    assert.equal(message.split("\n").length, 9, message);
  });

  it("takes a time without quotes, which the engine hands over in a spelling of its own", () => {
    const { foundation } = checkSettings(dev({ "foundation.apiKeysExpireAt": "2027-06-30 00:00:00 +0000 UTC" }), "");

    assert.equal(foundation.apiKeysExpireAt, "2027-06-30T00:00:00Z");
  });

  it("keeps the defaults of what a stack file leaves out", () => {
    const { cluster, recommenders } = settingsOf("dev");

    assert.equal(cluster.autoscaler.scaleDownUnneededTime, "10m");
    assert.equal(cluster.autoscaler.maxGracefulTerminationSeconds, 600);
    assert.deepEqual(recommenders.books.serving.resources, { cpu: "100m", memory: "256Mi" });
  });

  it("has a JSON schema for editors that is up to date (npx tsx infra/settings-schema.ts writes it)", () => {
    assert.ok(readFileSync(SCHEMA_FILE, "utf8") === stackFileSchema(), `${SCHEMA_FILE} is not what the settings say`);
  });

  it("has a page for people that is up to date (npx tsx infra/settings-reference.ts writes it)", () => {
    assert.ok(readFileSync(REFERENCE_FILE, "utf8") === reference(), `${REFERENCE_FILE} is not what the settings say`);
  });
});
