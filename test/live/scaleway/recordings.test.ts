import { strict as assert } from "node:assert";
import { TestScaleway } from "../../scaleway/support";
import { cassettes, readCassette, recordingsFolder } from "./recordings/cassette";
import { Score, replay } from "./recordings/replay";

/** Services whose recordings are replayed, and the products that are judged by them. */
const SERVICES = ["vpc", "registry", "iam", "secret", "block", "account", "k8s"];
/** Exchanges that have to match at least, of all that are recorded of a product. */
const FLOORS: Readonly<Record<string, number>> = {
  vpc: 770,
  registry: 74,
  iam: 530,
  "secret-manager": 760,
  block: 236,
  account: 92,
  k8s: 1010,
};

/**
 * Of each product: three on a gateway that is still being configured and refuses a second network (409), the type
 * "multicloud" of clusters (Kosmos), and a secret with an expiry, which is gone at once when deleted.
 */
const LARGEST_MISMATCH = 5;

describe("Answers of the emulated Scaleway beside recorded ones of the real", function () {
  this.timeout(180_000);
  const scores: ReadonlyMap<string, Score> = new Map(Object.keys(FLOORS).map((product) => [product, new Score()]));
  let scaleway: TestScaleway | undefined;

  before("replays the recordings that come with the provider's source", async function () {
    const folder = await recordingsFolder();
    if (folder === undefined) {
      console.log("      skipped: the cache of Go modules lacks the source of terraform-provider-scaleway 2.80.0");
      return this.skip();
    }
    scaleway = await TestScaleway.start({ hold: 10_000, retry: 1 });
    for (const service of SERVICES)
      for (const file of cassettes(folder, service))
        await replay(scaleway, readCassette(file), (product) => scores.get(product));
  });
  after(() => scaleway?.stop());

  for (const [product, floor] of Object.entries(FLOORS)) {
    it(`answers calls of ${product} as recorded`, () => {
      const score = scores.get(product) as Score;
      const { covered, operations, matched, mismatched, unknown, unjudged, mistakes } = score;
      console.log(
        `      ${product}: ${covered.size} of ${operations.size} operations; exchanges: ${matched} match, ${mismatched} do not, ` +
          `${unknown} of unknown routes, ${unjudged} not judged`,
      );
      const list = [...mistakes].sort(([, a], [, b]) => b - a).map(([mistake, count]) => `${count} × ${mistake}`);
      assert.ok(matched >= floor, `${matched} match, fewer than ${floor}:\n${list.join("\n")}`);
      assert.ok(mismatched <= LARGEST_MISMATCH, `${mismatched} do not match:\n${list.join("\n")}`);
    });
  }
});
