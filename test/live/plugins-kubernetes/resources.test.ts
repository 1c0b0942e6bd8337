import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { isNamespacedBuiltIn, kindOf } from "../../../local/plugins/kubernetes/kinds";
import { startControlPlane, type BareControlPlane } from "../controllers/support/bare-control-plane";
import { installedTools } from "../../../local/toolchain/ensure-tools";
import { until } from "../controllers/support/until";
import { Engine, type Program, type TestStack } from "./support/test-stack";

interface Live {
  metadata: { name: string; uid: string; annotations?: Record<string, string>; resourceVersion: string };
  data?: Record<string, string>;
  spec?: Record<string, unknown>;
}

describe("Kubernetes plugin on a real API server", function () {
  this.timeout(300_000);
  let plane: BareControlPlane;
  let engine: Engine;
  let stacks = 0;

  before(async () => {
    plane = await startControlPlane(installedTools());
    engine = await Engine.start();
  });

  after(async () => {
    engine?.stop();
    await plane?.stop();
  });

  const kubeconfig = () => readFileSync(plane.kubeconfig, "utf8");
  const newStack = (args: Partial<kubernetes.ProviderArgs> = {}): Promise<TestStack> =>
    engine.stack(`test-${++stacks}`, () => ({ kubeconfig: kubeconfig(), ...args }));
  const get = (path: string) => plane.client.json<Live>("GET", path);
  const patch = (path: string, body: unknown, manager = "kubectl-edit") =>
    plane.client.json<Live>("PATCH", `${path}?fieldManager=${manager}`, body, "application/merge-patch+json");
  const configMap = "/api/v1/namespaces/default/configmaps";

  it("previews, makes, keeps, changes and removes objects", async () => {
    const stack = await newStack({ enableConfigMapMutable: true });
    const program =
      (color: string): Program =>
      (provider) => {
        const namespace = new kubernetes.core.v1.Namespace("shop", {}, { provider });
        const settings = new kubernetes.core.v1.ConfigMap(
          "settings",
          { metadata: { namespace: namespace.metadata.name }, data: { color } },
          { provider },
        );
        return { namespace: namespace.metadata.name, settings: settings.id, uid: settings.metadata.uid };
      };

    const preview = await stack.preview(program("green"));
    const made = await stack.up(program("green"));
    const again = await stack.up(program("green"), { expectNoChanges: true });
    const changed = await stack.up(program("blue"));

    assert.equal(preview.changes.create, 4);
    assert.equal(made.changes.create, 4);
    assert.match(String(made.outputs["namespace"]), /^shop-[0-9a-f]{8}$/);
    assert.match(String(made.outputs["settings"]), /^shop-[0-9a-f]{8}\/settings-[0-9a-f]{8}$/);
    assert.deepEqual(again.changes, { same: 4 });
    assert.deepEqual(changed.changes, { same: 3, update: 1 });
    assert.equal(changed.outputs["uid"], made.outputs["uid"]);
    const [namespace = "", name = ""] = String(made.outputs["settings"]).split("/");
    const live = await get(`/api/v1/namespaces/${namespace}/configmaps/${name}`);
    assert.deepEqual(live.data, { color: "blue" });

    await stack.destroy();

    await assert.rejects(get(`/api/v1/namespaces/${namespace}`), /404/);
  });

  it("replaces a ConfigMap whose data changed under a new automatic name, as the official plugin does", async () => {
    const stack = await newStack();
    const program =
      (color: string): Program =>
      (provider) => ({
        name: new kubernetes.core.v1.ConfigMap("rolled", { data: { color } }, { provider }).metadata.name,
      });

    const made = await stack.up(program("green"));
    const replaced = await stack.up(program("blue"));

    assert.deepEqual(replaced.changes, { same: 2, replace: 1 });
    assert.notEqual(replaced.outputs["name"], made.outputs["name"]);
    await assert.rejects(get(`${configMap}/${String(made.outputs["name"])}`), /404/);
    await stack.destroy();
  });

  it("deletes before it replaces where the name is fixed, on a field only the server knows to be immutable", async () => {
    const stack = await newStack();
    const program =
      (clusterIP: string): Program =>
      (provider) => {
        const service = new kubernetes.core.v1.Service(
          "fixed",
          { metadata: { name: "fixed" }, spec: { clusterIP, ports: [{ port: 80 }] } },
          { provider },
        );
        return { uid: service.metadata.uid };
      };
    const made = await stack.up(program("127.53.0.40"));
    const replaced = await stack.up(program("127.53.0.41"));

    assert.deepEqual(replaced.changes, { same: 2, replace: 1 });
    assert.notEqual(replaced.outputs["uid"], made.outputs["uid"]);
    await stack.destroy();

    const capacity = await newStack();
    const node =
      (parallelism: number, limit: number): Program =>
      (provider) => {
        const spec = {
          parallelism,
          completions: 2,
          completionMode: "Indexed",
          backoffLimitPerIndex: limit,
          suspend: true,
          template: { spec: { restartPolicy: "Never", containers: [{ name: "step", image: "none.invalid/none:1" }] } },
        };
        const job = new kubernetes.batch.v1.Job("indexed", { metadata: { name: "indexed" }, spec }, { provider });
        return { uid: job.metadata.uid };
      };
    const first = await capacity.up(node(1, 1));
    const scaled = await capacity.up(node(2, 1));
    const limited = await capacity.up(node(2, 3));

    assert.deepEqual(scaled.changes, { same: 2, update: 1 });
    assert.equal(scaled.outputs["uid"], first.outputs["uid"]);
    assert.deepEqual(limited.changes, { same: 2, replace: 1 });
    await capacity.destroy();
  });

  it("finds what was changed by hand on refresh, and puts it back when told to take it over", async () => {
    const stack = await newStack({ enableConfigMapMutable: true });
    const program =
      (force: boolean): Program =>
      (provider) => {
        const annotations = force ? { "pulumi.com/patchForce": "true" } : undefined;
        const metadata = { name: "drifting", annotations };
        new kubernetes.core.v1.ConfigMap("drifting", { metadata, data: { color: "green", size: "1" } }, { provider });
      };
    await stack.up(program(false));
    await patch(`${configMap}/drifting`, { data: { color: "red", unrelated: "kept" } });

    const refreshed = await stack.refresh();
    const conflict = await stack.failingUp(program(false));
    const repaired = await stack.up(program(true));

    assert.equal(refreshed.changes.update, 1);
    assert.match(
      conflict,
      /ConfigMap "default\/drifting" cannot be changed, others own fields of it: .*data\.color.*kubectl-edit/,
    );
    assert.match(conflict, /pulumi\.com\/patchForce/);
    assert.equal(repaired.changes.update, 1);
    assert.deepEqual((await get(`${configMap}/drifting`)).data, { color: "green", size: "1", unrelated: "kept" });
    assert.deepEqual((await stack.refresh()).changes, { same: 3 });
    await stack.destroy();
  });

  it("makes an object again that was deleted by hand", async () => {
    const stack = await newStack();
    const program: Program = (provider) => {
      new kubernetes.core.v1.ConfigMap("lost", { metadata: { name: "lost" }, data: { a: "1" } }, { provider });
    };
    await stack.up(program);
    await plane.client.json("DELETE", `${configMap}/lost`);

    const refreshed = await stack.refresh();
    const made = await stack.up(program);

    assert.equal(refreshed.changes.delete, 1);
    assert.equal(made.changes.create, 1);
    await stack.destroy();
  });

  it("imports an object by its id, and refuses to make one that exists", async () => {
    const manifest = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "foreign" }, data: { a: "1" } };
    const url = `${configMap}/foreign?fieldManager=somebody&force=true`;
    await plane.client.json("PATCH", url, manifest, "application/apply-patch+yaml");
    const stack = await newStack();
    const program =
      (options: pulumi.CustomResourceOptions): Program =>
      (provider) => {
        const args = { metadata: { name: "foreign" }, data: { a: "1" } };
        new kubernetes.core.v1.ConfigMap("foreign", args, { provider, ...options });
      };

    const refused = await stack.failingUp(program({}));
    const imported = await stack.up(program({ import: "default/foreign" }));
    const kept = await stack.up(program({}), { expectNoChanges: true });

    assert.match(refused, /ConfigMap "default\/foreign" exists already \(managed by somebody\)\. Import it/);
    assert.equal(imported.changes["import" as keyof typeof imported.changes], 1);
    assert.deepEqual(kept.changes, { same: 3 });
    await stack.destroy();
  });

  it("reads an object that others manage", async () => {
    const stack = await newStack();
    const read = await stack.up((provider) => {
      const service = kubernetes.core.v1.Service.get("api", "default/kubernetes", { provider });
      return { address: service.spec.clusterIP };
    });

    assert.equal(read.outputs["address"], "127.53.0.1");
  });

  it("keeps secrets encrypted in the state and out of the output", async () => {
    const stack = await newStack({ enableSecretMutable: true });
    const program =
      (password: string): Program =>
      (provider) => {
        const metadata = { name: "credentials" };
        new kubernetes.core.v1.Secret("credentials", { metadata, stringData: { password } }, { provider });
      };

    const made = await stack.up(program("correct-horse"));
    const preview = await stack.preview(program("battery-staple"));
    const changed = await stack.up(program("battery-staple"));
    const refreshed = await stack.refresh();
    const state = stack.state();

    const printed = [made, preview, changed, refreshed].map(({ output }) => output).join("\n");
    for (const value of ["correct-horse", "battery-staple"]) {
      const encoded = Buffer.from(value).toString("base64");
      for (const text of [value, encoded]) {
        assert.ok(!printed.includes(text), `the output shows ${text}`);
        assert.ok(!state.includes(text), `the state has ${text} in clear`);
      }
    }
    assert.deepEqual(changed.changes, { same: 2, update: 1 });
    assert.deepEqual(refreshed.changes, { same: 3 });
    const live = await get("/api/v1/namespaces/default/secrets/credentials");
    assert.equal(Buffer.from(live.data?.["password"] ?? "", "base64").toString(), "battery-staple");
    await stack.destroy();
  });

  it("makes a custom resource beside its definition, and replaces it for another namespace", async () => {
    const stack = await newStack();
    const program =
      (namespace: string | undefined): Program =>
      (provider) => {
        const schema = { openAPIV3Schema: { type: "object", x_kubernetes_preserve_unknown_fields: true } };
        const definition = new kubernetes.apiextensions.v1.CustomResourceDefinition(
          "widgets",
          {
            metadata: { name: "widgets.test.invalid" },
            spec: {
              group: "test.invalid",
              scope: "Namespaced",
              names: { plural: "widgets", singular: "widget", kind: "Widget" },
              versions: [{ name: "v1", served: true, storage: true, schema }],
            },
          },
          { provider },
        );
        const widget = new kubernetes.apiextensions.CustomResource(
          "widget",
          { apiVersion: "test.invalid/v1", kind: "Widget", metadata: { name: "one", namespace }, spec: { size: 1 } },
          { provider, dependsOn: [definition] },
        );
        return { id: widget.id };
      };

    const made = await stack.up(program(undefined));
    const again = await stack.up(program(undefined), { expectNoChanges: true });
    const moved = await stack.up(program("kube-public"));

    assert.equal(made.outputs["id"], "default/one");
    assert.deepEqual(again.changes, { same: 4 });
    assert.equal(moved.outputs["id"], "kube-public/one");
    assert.deepEqual(moved.changes, { same: 3, replace: 1 });
    await stack.destroy();
  });

  it("names the misspelt field, and makes nothing", async () => {
    const stack = await newStack();
    const error = await stack.failingUp((provider) => {
      const port = { port: 80, tragetPort: 8080 };
      const spec = { ports: [port] };
      new kubernetes.core.v1.Service("misspelt", { metadata: { name: "misspelt" }, spec }, { provider });
    });

    assert.match(error, /Service "default\/misspelt" cannot be applied: .*tragetPort/);
    await assert.rejects(get("/api/v1/namespaces/default/services/misspelt"), /404/);
  });

  it("knows which of the server's kinds live in namespaces", async () => {
    const groups = await plane.client.json<{ groups: { versions: { groupVersion: string }[] }[] }>("GET", "/apis");
    const versions = groups.groups.flatMap((group) => group.versions.map(({ groupVersion }) => groupVersion));
    const roots = [
      "/api/v1",
      ...versions.filter((version) => !version.includes("invalid")).map((version) => `/apis/${version}`),
    ];
    let compared = 0;
    for (const root of roots) {
      type List = { groupVersion: string; resources: { name: string; kind: string; namespaced: boolean }[] };
      const { groupVersion, resources } = await plane.client.json<List>("GET", root);
      for (const { name, kind, namespaced } of resources.filter((resource) => !resource.name.includes("/"))) {
        assert.equal(isNamespacedBuiltIn(kindOf(groupVersion, kind)), namespaced, `${root} ${name}`);
        compared++;
      }
    }
    assert.ok(compared > 50, `only ${compared} kinds were compared`);
  });

  it("waits until an object is gone, whatever holds it", async () => {
    const stack = await newStack();
    const program: Program = (provider) => {
      new kubernetes.core.v1.ConfigMap("held", { metadata: { name: "held" }, data: { a: "1" } }, { provider });
    };
    await stack.up(program);
    await patch(`${configMap}/held`, { metadata: { finalizers: ["test.invalid/holder"] } });
    let destroyed = false;
    const destroy = stack.destroy().then(() => (destroyed = true));
    await until(
      "the object is being deleted",
      async () => "deletionTimestamp" in (await get(`${configMap}/held`)).metadata,
    );

    assert.equal(destroyed, false);
    await patch(`${configMap}/held`, { metadata: { finalizers: null } });
    await destroy;
  });
});
