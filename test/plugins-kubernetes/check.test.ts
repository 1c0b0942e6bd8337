import assert from "node:assert/strict";
import { check } from "../../local/plugins/kubernetes/check";
import { secret, UNKNOWN, type PropertyMap } from "../../local/plugins/support/values";
import type { CheckRequest } from "../../local/plugins/support/provider";
import { sessionWithoutCluster } from "./support";

const CONFIG_MAP: PropertyMap = { apiVersion: "v1", kind: "ConfigMap" };

function request(news: PropertyMap, more: Partial<CheckRequest> = {}): CheckRequest {
  const type = "kubernetes:core/v1:ConfigMap";
  return { urn: "urn", type, name: "settings", olds: {}, news, randomSeed: Buffer.from("seed"), ...more };
}

const checked = async (news: PropertyMap, more: Partial<CheckRequest> = {}) =>
  (await check(sessionWithoutCluster(), request(news, more))).inputs["metadata"] as PropertyMap;

describe("Check of a Kubernetes object", () => {
  it("gives a name that the same seed gives again, and says that it did", async () => {
    const first = await checked(CONFIG_MAP);
    const again = await checked(CONFIG_MAP);
    const other = await checked(CONFIG_MAP, { randomSeed: Buffer.from("other") });

    assert.match(first["name"] as string, /^settings-[0-9a-f]{8}$/);
    assert.deepEqual(first["annotations"], { "pulumi.com/autonamed": "true" });
    assert.equal(again["name"], first["name"]);
    assert.notEqual(other["name"], first["name"]);
  });

  it("keeps the automatic name of the last deployment, but not a given one", async () => {
    const metadata = { name: "settings-0badcafe", annotations: { "pulumi.com/autonamed": "true" } };

    const kept = await checked(CONFIG_MAP, { olds: { ...CONFIG_MAP, metadata } });
    const renamed = await checked(CONFIG_MAP, { olds: { ...CONFIG_MAP, metadata: { name: "given" } } });

    assert.equal(kept["name"], "settings-0badcafe");
    assert.match(renamed["name"] as string, /^settings-[0-9a-f]{8}$/);
  });

  it("keeps the mark of an automatic name where annotations are secret", async () => {
    const { annotations } = await checked({ ...CONFIG_MAP, metadata: { annotations: secret({ a: "1" }) } });

    assert.deepEqual(annotations, secret({ a: "1", "pulumi.com/autonamed": "true" }));
  });

  it("follows the project's own way of naming", async () => {
    const autonaming = { proposedName: "proposed", mode: "enforce" } as const;

    assert.equal((await checked(CONFIG_MAP, { autonaming }))["name"], "proposed");
    const off = await check(
      sessionWithoutCluster(),
      request(CONFIG_MAP, { autonaming: { proposedName: "", mode: "disable" } }),
    );
    assert.deepEqual(off.failures, [
      { property: "metadata.name", reason: "Automatic names are switched off for this project: set metadata.name." },
    ]);
  });

  it("writes the namespace of namespaced kinds down, and of no other", async () => {
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", metadata: { name: "reader" } };

    assert.equal((await checked({ ...CONFIG_MAP, metadata: { name: "a" } }))["namespace"], "default");
    assert.equal((await checked({ ...CONFIG_MAP, metadata: { name: "a", namespace: "b" } }))["namespace"], "b");
    assert.deepEqual(await checked(role), { name: "reader" });
  });

  it("leaves metadata alone that is not known yet", async () => {
    const { inputs } = await check(sessionWithoutCluster(), request({ ...CONFIG_MAP, metadata: UNKNOWN }));

    assert.equal(inputs["metadata"], UNKNOWN);
  });

  it("refuses generated names, missing kinds and what the stand-in does not have", async () => {
    const reasons = async (news: PropertyMap, type = "kubernetes:core/v1:ConfigMap") =>
      ((await check(sessionWithoutCluster(), request(news, { type }))).failures ?? []).map(({ property }) => property);

    assert.deepEqual(await reasons({ ...CONFIG_MAP, metadata: { generateName: "a-" } }), ["metadata.generateName"]);
    assert.deepEqual(await reasons({ apiVersion: "v1" }), ["kind"]);
    assert.deepEqual(await reasons({ chart: "any" }, "kubernetes:helm.sh/v3:Release"), [""]);
    assert.deepEqual(await reasons(CONFIG_MAP, "kubernetes:core/v1:ConfigMapPatch"), [""]);
  });
});
