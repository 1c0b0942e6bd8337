import assert from "node:assert/strict";
import { isReplacement, planChanges } from "../../local/plugins/scaleway/changes";
import { toProvider, toPulumi, unknownProperties } from "../../local/plugins/scaleway/convert";
import { UNKNOWN_VALUE, type ValueMap } from "../../local/plugins/scaleway/dynamic-value";
import { importedInputs, refreshedInputs } from "../../local/plugins/scaleway/inputs";
import { camelCase, propertyName } from "../../local/plugins/scaleway/names";
import { providerName } from "../../local/plugins/scaleway/tokens";
import { secret, UNKNOWN } from "../../local/plugins/support/values";
import { attribute, block, objectSchema } from "./support/schemas";

const subnet = { attributes: [attribute("subnet", { optional: true, computed: true })], block_types: [] };
const rule = { attributes: [attribute("permission_set_names", { type: ["set", "string"] })], block_types: [] };
const network = objectSchema({
  attributes: [
    attribute("id", { computed: true }),
    attribute("vpc_id", { optional: true }),
    attribute("size", { type: "number" }),
    attribute("is_public", { type: "bool" }),
    attribute("tag", { type: ["list", "string"] }),
    attribute("labels", { type: ["map", "string"] }),
    attribute("token", { computed: true, sensitive: true }),
  ],
  block_types: [
    block("ipv4_subnet", subnet, "list", 1),
    block("rule", rule, "list"),
    block("timeouts", subnet, "single"),
  ],
});

const nothing: ValueMap = {
  id: null,
  vpc_id: null,
  size: null,
  is_public: null,
  tag: null,
  labels: null,
  token: null,
  ipv4_subnet: [],
  rule: [],
  timeouts: null,
};

describe("Names", () => {
  it("become camel case, lists plural, unless the plural is taken", () => {
    const siblings = new Set(["acl", "kubeconfig", "ips", "ip"]);
    assert.equal(camelCase("root_volume_size_in_gb"), "rootVolumeSizeInGb");
    assert.equal(propertyName("kubeconfig", { plural: true, siblings }), "kubeconfigs");
    assert.equal(propertyName("kubeconfig", { plural: false, siblings }), "kubeconfig");
    assert.equal(propertyName("ip", { plural: true, siblings }), "ip");
    assert.equal(propertyName("ephemeral_policy", { plural: true, siblings }), "ephemeralPolicies");
    assert.equal(propertyName("tags", { plural: true, siblings }), "tags");
  });

  it("lead from a Pulumi token to the provider's resource or data source", () => {
    assert.equal(providerName("scaleway:kubernetes/cluster:Cluster"), "scaleway_k8s_cluster");
    assert.equal(providerName("scaleway:network/privateNetwork:PrivateNetwork"), "scaleway_vpc_private_network");
    assert.equal(providerName("scaleway:network/vpc:Vpc"), "scaleway_vpc");
    assert.equal(providerName("scaleway:object/item:Item"), "scaleway_object");
    assert.equal(providerName("scaleway:index/fileFilesystem:FileFilesystem"), "scaleway_file_filesystem");
    assert.equal(providerName("scaleway:kubernetes/getVersion:getVersion"), "scaleway_k8s_version");
    assert.equal(providerName("aws:s3/bucket:Bucket"), undefined);
  });
});

describe("Values between Pulumi and the provider", () => {
  it("have every field on the provider's side", () => {
    assert.deepEqual(toProvider(network, {}), nothing);
  });

  it("turn an object into a block of one item and back", () => {
    const map = { ipv4Subnet: { subnet: "10.0.0.0/22" }, rules: [{ permissionSetNames: ["A"] }], tags: ["x"] };

    const value = toProvider(network, map, "fr-par/1");

    assert.deepEqual(value["ipv4_subnet"], [{ subnet: "10.0.0.0/22" }]);
    assert.deepEqual(value["rule"], [{ permission_set_names: ["A"] }]);
    assert.equal(value["id"], "fr-par/1");
    assert.deepEqual(toPulumi(network, value), map);
  });

  it("carry unknowns both ways", () => {
    const value = toProvider(network, { vpcId: UNKNOWN, ipv4Subnet: UNKNOWN });

    assert.equal(value["vpc_id"], UNKNOWN_VALUE);
    assert.equal(value["ipv4_subnet"], UNKNOWN_VALUE);
    assert.deepEqual(toPulumi(network, value), { vpcId: UNKNOWN, ipv4Subnet: UNKNOWN, rules: [] });
  });

  it("coerce what a configuration file gives as text", () => {
    const value = toProvider(network, { isPublic: "true", vpcId: 5 });

    assert.equal(value["is_public"], true);
    assert.equal(value["vpc_id"], "5");
  });

  it("mark sensitive outputs as secret", () => {
    assert.deepEqual(toPulumi(network, { ...nothing, token: "t" }), { token: secret("t"), rules: [] });
  });

  it("name properties that do not exist, at any depth, but no map keys", () => {
    const map = { vpcID: "x", rules: [{ names: [] }], labels: { anything: "y" }, __defaults: [] };

    assert.deepEqual(unknownProperties(network, map), ["vpcID", "rules[0].names"]);
  });
});

describe("Planned changes", () => {
  const prior: ValueMap = { ...nothing, id: "1", vpc_id: "a", tag: ["x"], ipv4_subnet: [{ subnet: "s" }], token: "t" };
  const path = (...names: (string | number)[]) => ({
    steps: names.map((name) => (typeof name === "number" ? { element_key_int: name } : { attribute_name: name })),
  });

  it("are none where nothing differs but the spelling of nothing", () => {
    assert.deepEqual(planChanges(network, prior, { ...prior, labels: {} }, prior, []), {});
  });

  it("name the property as the program does", () => {
    const planned = { ...prior, tag: ["y", "z"], ipv4_subnet: [{ subnet: "t" }] };

    const changes = planChanges(network, prior, planned, planned, []);

    assert.deepEqual(changes, {
      "tags[0]": { kind: "update" },
      "tags[1]": { kind: "add" },
      "ipv4Subnet.subnet": { kind: "update" },
    });
  });

  it("are a replacement only for values that really change", () => {
    const planned = { ...prior, vpc_id: UNKNOWN_VALUE, token: UNKNOWN_VALUE };
    const config = { ...nothing, vpc_id: UNKNOWN_VALUE };

    const changes = planChanges(network, prior, planned, config, [
      path("vpc_id"),
      path("ipv4_subnet", 0, "subnet"),
      path("id"),
    ]);

    assert.deepEqual(changes, { vpcId: { kind: "update-replace" } });
    assert.ok(isReplacement(changes));
  });

  it("show what the provider computes only where nothing else changes", () => {
    const planned = { ...prior, token: UNKNOWN_VALUE };

    assert.deepEqual(planChanges(network, prior, planned, { ...nothing, vpc_id: "a", tag: ["x"] }, []), {
      token: { kind: "update" },
    });
  });
});

describe("Inputs after a look at the live resource", () => {
  it("take over what was changed by hand, and nothing that is only spelled differently", () => {
    const inputs = { vpcId: "a", tags: ["x"], ipv4Subnet: { subnet: "s" }, __defaults: [] };
    const before = { vpcId: "fr-par/a", tags: ["x"], ipv4Subnet: { subnet: "s", id: "1" } };
    const after = { vpcId: "fr-par/a", tags: ["by-hand"], ipv4Subnet: { subnet: "t", id: "2" } };

    assert.deepEqual(refreshedInputs(inputs, before, after), {
      vpcId: "a",
      tags: ["by-hand"],
      ipv4Subnet: { subnet: "t" },
      __defaults: [],
    });
  });

  it("of an import are what a program may set and the resource has", () => {
    const outputs = { vpcId: "a", tags: [], token: secret("t"), size: 0, rules: [{ permissionSetNames: ["A"] }] };

    const inputs = importedInputs(network, outputs);

    assert.deepEqual(inputs, { vpcId: "a", size: 0, rules: [{ permissionSetNames: ["A"] }], __defaults: [] });
  });
});
