import { strict as assert } from "node:assert";
import type { Json } from "../../scaleway/support";
import { ProviderStack } from "./stack";

/** How many objects of each kind the program makes. */
const EVERYTHING = [
  "api_key",
  "application",
  "bucket",
  "cluster",
  "data_source",
  "gateway",
  "gateway_ip",
  "gateway_network",
  "namespace",
  "node",
  "policy",
  "pool",
  "pool",
  "private_network",
  "project",
  "secret",
  "secret_version",
  "token",
  "volume",
  "vpc",
];

describe("The real provider on the emulated Scaleway", function () {
  this.timeout(300_000);
  let stack: ProviderStack;
  before(async () => (stack = await ProviderStack.start()));
  after(() => stack.stop());

  it("creates one of each resource", async () => {
    await stack.up();

    assert.deepEqual(await stack.scaleway.kinds(), EVERYTHING);
    assert.match(
      await stack.succeed("stack", "output", "host", "--show-secrets", "--stack", "test"),
      /^https:\/\/172\.16\.0\.2:6443$/,
    );
  });

  it("finds nothing to do the second time, and no drift", async () => {
    await stack.up("--expect-no-changes");
    await stack.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("changes everything in place and finds nothing to do after it", async () => {
    await stack.configure("revision", "2");
    const before = await ids(stack);
    await stack.up();

    const after = await ids(stack);
    const replaced = before.filter((id) => !after.includes(id));
    // A secret's value is a version of its own; all else keeps its identity.
    assert.deepEqual(
      replaced.map((id) => id.split(" ")[0]),
      ["secret_version"],
    );
    await stack.up("--expect-no-changes");
  });

  it("sees what was changed by hand, and puts it right", async () => {
    const { body } = await stack.scaleway.get("/k8s/v1/regions/fr-par/clusters");
    const [cluster] = body["clusters"] as Json[];
    const { body: listed } = await stack.scaleway.get(
      `/k8s/v1/regions/fr-par/clusters/${cluster?.["id"] as string}/pools`,
    );
    const cpu = (listed["pools"] as Json[]).find(({ name }) => name === "cpu");
    await stack.scaleway.put(`/k8s/v1/regions/fr-par/pools/${cpu?.["id"] as string}/set-labels`, { labels: {} });
    const drift = await stack.run("refresh", "--yes", "--skip-preview", "--expect-no-changes");
    assert.notEqual(drift.exitCode, 0);
    await stack.up();
    assert.deepEqual(
      (await stack.scaleway.get(`/k8s/v1/regions/fr-par/pools/${cpu?.["id"] as string}`)).body["labels"],
      {
        revision: "2",
      },
    );
  });

  it("leaves nothing behind when all is destroyed", async () => {
    await stack.succeed("destroy", "--yes", "--skip-preview");

    assert.deepEqual(await stack.scaleway.kinds(), []);
    assert.equal(stack.scaleway.runtime.clusters.size, 0);
    const { body } = await stack.scaleway.get("/_local/events?operation=unknown");
    assert.deepEqual(body["events"], [], "no call met an unknown route");
  });
});

async function ids({ scaleway }: ProviderStack): Promise<string[]> {
  const { body } = await scaleway.get("/_local/resources");
  const resources = body["resources"] as { kind: string; id: string }[];
  return resources.filter(({ kind }) => kind !== "node").map(({ kind, id }) => `${kind} ${id}`);
}
