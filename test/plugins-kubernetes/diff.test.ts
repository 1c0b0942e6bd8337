import assert from "node:assert/strict";
import { diff } from "../../local/plugins/kubernetes/diff";
import type { Configuration } from "../../local/plugins/kubernetes/configuration";
import { secret, UNKNOWN, type PropertyMap, type PropertyValue } from "../../local/plugins/support/values";
import { sessionWithoutCluster } from "./support";

function object(kind: string, fields: PropertyMap, apiVersion = "v1"): PropertyMap {
  return { apiVersion, kind, metadata: { name: "a", namespace: "b" }, ...fields };
}

async function diffOf(
  olds: PropertyMap,
  news: PropertyMap,
  live: PropertyMap = olds,
  settings?: Partial<Configuration>,
) {
  const request = { urn: "urn", type: "", name: "a", id: "b/a", ignoreChanges: [] };
  const result = await diff(sessionWithoutCluster(settings), { ...request, oldInputs: olds, oldOutputs: live, news });
  const kinds = Object.fromEntries(Object.entries(result.changes).map(([path, { kind }]) => [path, kind]));
  return { kinds, deleteBeforeReplace: result.deleteBeforeReplace };
}

const template = (image: string) => ({ spec: { containers: [{ name: "c", image }] } });

describe("Diff of a Kubernetes object", () => {
  it("compares inputs, not what the server made of them, and looks through secrets", async () => {
    const olds = object("Service", { spec: { ports: [{ port: 80 }] } });
    const live = object("Service", { spec: { ports: [{ port: 80, protocol: "TCP" }], clusterIP: "10.0.0.1" } });

    assert.deepEqual((await diffOf(olds, olds, live)).kinds, {});
    const hidden = object("Service", { spec: secret({ ports: [{ port: 80 }] }) });
    assert.deepEqual((await diffOf(olds, hidden, live)).kinds, {});
  });

  it("names each change by its path", async () => {
    const olds = object("Deployment", { spec: { replicas: 1, paused: true, template: template("a:1") } }, "apps/v1");
    const news = object(
      "Deployment",
      { spec: { replicas: 2, template: template("a:2"), minReadySeconds: 5 } },
      "apps/v1",
    );
    news["metadata"] = { name: "a", namespace: "b", annotations: { "test.invalid/a": "1" } };

    assert.deepEqual((await diffOf(olds, news)).kinds, {
      "metadata.annotations": "add",
      "spec.replicas": "update",
      "spec.paused": "delete",
      "spec.template.spec.containers[0].image": "update",
      "spec.minReadySeconds": "add",
    });
  });

  const immutable: readonly [string, string, string, PropertyValue, PropertyValue][] = [
    ["apps/v1", "Deployment", "spec.selector", { matchLabels: { a: "1" } }, { matchLabels: { a: "2" } }],
    ["apps/v1", "StatefulSet", "spec.serviceName", "a", "b"],
    ["batch/v1", "Job", "spec.template", template("a:1"), template("a:2")],
    ["batch/v1", "Job", "spec.template", template("a:1"), UNKNOWN],
    ["v1", "Service", "spec.clusterIP", "10.0.0.1", "10.0.0.2"],
    ["v1", "PersistentVolumeClaim", "spec.storageClassName", "a", "b"],
    ["v1", "PersistentVolume", "spec.hostPath", { path: "/a" }, { path: "/b" }],
    ["v1", "Pod", "spec.nodeName", "a", "b"],
    ["v1", "Secret", "type", "Opaque", "kubernetes.io/tls"],
    ["v1", "ConfigMap", "data", { a: "1" }, { a: "2" }],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef", { name: "a" }, { name: "b" }],
    ["storage.k8s.io/v1", "StorageClass", "provisioner", "a", "b"],
    ["scheduling.k8s.io/v1", "PriorityClass", "value", 1, 2],
    ["v1", "ConfigMap", "metadata.name", "a", "c"],
  ];
  for (const [apiVersion, kind, path, before, after] of immutable) {
    it(`replaces a ${kind} for another ${path}${after === UNKNOWN ? " that is not known yet" : ""}`, async () => {
      const { kinds } = await diffOf(
        withField(kind, apiVersion, path, before),
        withField(kind, apiVersion, path, after),
      );

      assert.ok(Object.values(kinds).length > 0);
      assert.ok(Object.values(kinds).every((change) => change.endsWith("-replace")));
    });
  }

  const mutable: readonly [string, string, string, PropertyValue, PropertyValue][] = [
    ["batch/v1", "Job", "spec.parallelism", 1, 2],
    ["v1", "Pod", "spec.containers", [{ name: "c", image: "a:1" }], [{ name: "c", image: "a:2" }]],
    ["v1", "PersistentVolumeClaim", "spec.resources.requests.storage", "1Gi", "2Gi"],
    ["v1", "ConfigMap", "metadata.labels", { a: "1" }, { a: "2" }],
  ];
  for (const [apiVersion, kind, path, before, after] of mutable) {
    it(`updates a ${kind} for another ${path}`, async () => {
      const { kinds } = await diffOf(
        withField(kind, apiVersion, path, before),
        withField(kind, apiVersion, path, after),
      );

      assert.deepEqual(new Set(Object.values(kinds)), new Set(["update"]));
    });
  }

  it("keeps a ConfigMap whose data changes where the provider says so, unless it is immutable", async () => {
    const data = (value: string, more: PropertyMap = {}) => object("ConfigMap", { data: { a: value }, ...more });
    const settings = { configMapMutable: true };

    assert.deepEqual((await diffOf(data("1"), data("2"), data("1"), settings)).kinds, { "data.a": "update" });
    const fixed = { immutable: true };
    const { kinds } = await diffOf(data("1", fixed), data("2", fixed), data("1", fixed), settings);
    assert.deepEqual(kinds, { "data.a": "update-replace" });
  });

  it("deletes first only where the new object needs the old one's name", async () => {
    const named = (name: string, value: string, annotations: PropertyMap = {}) =>
      object("ConfigMap", { metadata: { name, namespace: "b", annotations }, data: { a: value } });
    const automatic = { "pulumi.com/autonamed": "true" };

    assert.equal((await diffOf(named("a", "1"), named("a", "2"))).deleteBeforeReplace, true);
    assert.equal((await diffOf(named("a", "1"), named("c", "2"))).deleteBeforeReplace, false);
    const [olds, news] = [named("a", "1", automatic), named("a", "2", automatic)];
    assert.equal((await diffOf(olds, news)).deleteBeforeReplace, false);
  });

  it("replaces a Job that has failed, though its inputs stay", async () => {
    const job = object("Job", { spec: { template: template("a:1") } }, "batch/v1");
    const live = { ...job, status: { conditions: [{ type: "Failed", status: "True" }] } };

    assert.deepEqual((await diffOf(job, job, live)).kinds, { "status.conditions": "update-replace" });
  });

  it("refuses to shrink a bound claim, and only a bound one", async () => {
    const claim = (storage: string) =>
      object("PersistentVolumeClaim", { spec: { resources: { requests: { storage } } } });
    const bound = { ...claim("1024Mi"), status: { phase: "Bound" } };

    await assert.rejects(
      diffOf(claim("1024Mi"), claim("500M"), bound),
      /PersistentVolumeClaim "b\/a" would shrink from 1024Mi to 500M/,
    );
    assert.deepEqual((await diffOf(claim("1024Mi"), claim("1Gi"), bound)).kinds, {
      "spec.resources.requests.storage": "update",
    });
    await diffOf(claim("1Gi"), claim("500M"), { ...bound, status: { phase: "Pending" } });
  });

  it("takes an import for the same where the program leaves fields to Kubernetes", async () => {
    const read = object("Pod", {
      spec: { containers: [{ name: "c", image: "a:1", resources: { limits: { cpu: "1" } }, tty: false }] },
    });
    const live = { ...read, __imported: true, __inputs: read };
    const program = (cpu: string) =>
      object("Pod", { spec: { containers: [{ name: "c", image: "a:1", resources: { limits: { cpu } } }] } });

    assert.deepEqual((await diffOf(read, program("1000m"), live)).kinds, {});
    assert.deepEqual(Object.keys((await diffOf(read, program("2"), live)).kinds), [
      "spec.containers[0].resources.limits.cpu",
    ]);
  });
});

function withField(kind: string, apiVersion: string, path: string, value: PropertyValue): PropertyMap {
  const [top = "", ...rest] = path.split(".");
  const nested = rest.reduceRight<PropertyValue>((inner, key) => ({ [key]: inner }), value);
  if (top !== "metadata") return object(kind, { [top]: nested }, apiVersion);
  return object(kind, { metadata: { name: "a", namespace: "b", ...(nested as PropertyMap) } }, apiVersion);
}
