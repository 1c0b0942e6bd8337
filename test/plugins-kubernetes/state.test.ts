import assert from "node:assert/strict";
import { driftedInputs } from "../../local/plugins/kubernetes/drift";
import { ApiError, explain } from "../../local/plugins/kubernetes/api-error";
import { fromManifest, toManifest } from "../../local/plugins/kubernetes/objects";
import { fieldManagerOf, outputsOf, previewOfCreate } from "../../local/plugins/kubernetes/outputs";
import { at } from "../../local/plugins/kubernetes/paths";
import { isSecret, secret, UNKNOWN, type PropertyMap } from "../../local/plugins/support/values";

describe("State of a Kubernetes object", () => {
  const inputs = { kind: "Deployment", spec: { cpu: "1000m", containers: [{ name: "a", image: "a:1" }] } };
  const recorded = { kind: "Deployment", spec: { cpu: "1", containers: [{ name: "a", image: "a:1" }] } };

  it("shows no drift where the server only spells a value in its own way or others added theirs", () => {
    const live = {
      ...recorded,
      spec: { ...recorded.spec, added: true, containers: [{ name: "side" }, ...recorded.spec.containers] },
    };

    assert.equal(driftedInputs(inputs, recorded, live), inputs);
  });

  it("shows what moved, by its name in a list", () => {
    const live: PropertyMap = {
      kind: "Deployment",
      spec: { containers: [{ name: "side" }, { name: "a", image: "a:2" }] },
    };

    assert.deepEqual(driftedInputs(inputs, recorded, live), {
      kind: "Deployment",
      spec: { containers: [{ name: "a", image: "a:2" }] },
    });
  });

  it("sees a Secret's stringData change though only data is read back", () => {
    const encoded = (text: string) => ({ kind: "Secret", data: { a: Buffer.from(text).toString("base64") } });
    const written = { kind: "Secret", stringData: { a: "one" } };

    assert.equal(driftedInputs(written, encoded("one"), encoded("one")), written);
    assert.deepEqual(driftedInputs(written, encoded("one"), encoded("two")), {
      kind: "Secret",
      stringData: { a: "two" },
    });
  });

  it("marks again what was secret, and a Secret's data always", () => {
    const live: PropertyMap = {
      kind: "Pod",
      metadata: { name: "a", managedFields: [] },
      spec: { containers: [{ env: "x" }] },
    };
    const pod = outputsOf(live, { kind: "Pod", spec: { containers: [{ env: secret("x") }] } }, "manager");
    const outputs = outputsOf(
      { kind: "Secret", data: { a: "eA==" } },
      { kind: "Secret", stringData: { a: "x" } },
      "manager",
    );

    assert.ok(isSecret(at(pod, ["spec", "containers"])));
    assert.equal(at(pod, ["metadata", "managedFields"]), undefined);
    assert.ok(isSecret(outputs["data"]));
    assert.ok(isSecret(at(outputs, ["__inputs", "stringData"])));
  });

  it("promises in a preview nothing that only the real write settles", () => {
    const service: PropertyMap = {
      kind: "Service",
      metadata: { name: "a", uid: "made up" },
      spec: {
        clusterIP: "10.0.0.9",
        ports: [
          { port: 80, nodePort: 31000 },
          { port: 81, nodePort: 30081 },
        ],
      },
    };
    const wanted: PropertyMap = { kind: "Service", spec: { ports: [{ port: 80 }, { port: 81, nodePort: 30081 }] } };

    const preview = previewOfCreate(service, wanted, "manager");

    for (const path of [["metadata", "uid"], ["spec", "clusterIP"], ["status"], ["spec", "ports", 0, "nodePort"]]) {
      assert.equal(at(preview, path), UNKNOWN, path.join("."));
    }
    assert.equal(at(preview, ["spec", "ports", 1, "nodePort"]), 30081);
    assert.equal(at(preview, ["metadata", "name"]), "a");
  });

  it("keeps its field manager when the resource is renamed", () => {
    assert.notEqual(fieldManagerOf("urn:a"), fieldManagerOf("urn:b"));
    assert.equal(fieldManagerOf("urn:b", { __fieldManager: fieldManagerOf("urn:a") }), fieldManagerOf("urn:a"));
  });

  it("spells the extensions of a CRD's schema as Kubernetes does, and back", () => {
    const definition = {
      kind: "CustomResourceDefinition",
      metadata: {},
      spec: { a: [{ x_kubernetes_list_type: "set" }] },
    };

    assert.deepEqual(at(toManifest(definition), ["spec", "a", 0]), { "x-kubernetes-list-type": "set" });
    assert.deepEqual(fromManifest(toManifest(definition)), definition);
  });

  it("repeats no value of a Secret in an error", () => {
    const causes = [{ field: "data.key", reason: "FieldValueInvalid", message: 'Invalid value: "hunter2"' }];
    const error = new ApiError(422, { message: 'data.key: Invalid value: "hunter2"', details: { causes } });

    const hidden = explain(error, "cannot be applied", 'Secret "b/a"', true).message;

    assert.doesNotMatch(hidden, /hunter2/);
    assert.match(hidden, /^Secret "b\/a" cannot be applied: the API server refuses data\.key \(FieldValueInvalid\)/);
    assert.match(explain(error, "cannot be applied", 'Pod "b/a"', false).message, /hunter2/);
  });
});
