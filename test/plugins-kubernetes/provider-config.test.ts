import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfiguration } from "../../local/plugins/kubernetes/configuration";
import { connectionOf } from "../../local/plugins/kubernetes/kubeconfig";
import { checkConfig, diffConfig } from "../../local/plugins/kubernetes/provider-config";
import { secret, UNKNOWN, type PropertyMap } from "../../local/plugins/support/values";

const kubeconfig = (server: string, token = "t0k3n") => `apiVersion: v1
kind: Config
current-context: main
contexts: [{ name: main, context: { cluster: here, user: me, namespace: shop } }, { name: broken, context: { cluster: gone } }]
clusters: [{ name: here, cluster: { server: "${server}" } }]
users: [{ name: me, user: { token: ${token} } }]
`;
const HERE = "https://127.0.0.1:6443";
const choice = (text: string | undefined, context?: string) => ({ kubeconfig: text, context, cluster: undefined });

describe("Configuration of the Kubernetes plugin", () => {
  const kinds = (before: PropertyMap, after: PropertyMap) => {
    const { changes } = diffConfig({ oldInputs: before, oldOutputs: {}, news: after });
    return Object.fromEntries(Object.entries(changes).map(([key, { kind }]) => [key, kind]));
  };

  it("is not replaced by a rotated kubeconfig of the same cluster", () => {
    const config = (token: string, clusterIdentifier: string) => ({
      kubeconfig: secret(kubeconfig(HERE, token)),
      clusterIdentifier,
    });

    assert.deepEqual(kinds(config("a", "one"), config("b", "one")), { kubeconfig: "update" });
    assert.deepEqual(kinds(config("a", "one"), { kubeconfig: UNKNOWN, clusterIdentifier: "one" }), {
      kubeconfig: "update",
    });
    assert.deepEqual(kinds(config("a", "one"), config("a", "two")), { clusterIdentifier: "update-replace" });
  });

  it("is replaced by another server where nothing identifies the cluster", () => {
    const at = (server: string, token: string) => ({ kubeconfig: kubeconfig(server, token) });

    assert.deepEqual(kinds(at(HERE, "a"), at(HERE, "b")), { kubeconfig: "update" });
    assert.deepEqual(kinds(at(HERE, "a"), at("https://127.0.0.2:6443", "a")), { kubeconfig: "update-replace" });
    assert.deepEqual(kinds(at(HERE, "a"), { kubeconfig: UNKNOWN }), { kubeconfig: "update-replace" });
    assert.deepEqual(kinds({ version: "1" }, { version: "2" }), {});
  });

  it("reads settings as the SDK sends them, the environment after them", () => {
    const settings = readConfiguration(
      { enablePatchForce: "true", enableSecretMutable: "false" },
      {
        PULUMI_K8S_DELETE_UNREACHABLE: "true",
        PULUMI_K8S_ENABLE_SECRET_MUTABLE: "true",
      },
    );

    assert.equal(settings.patchForce, true);
    assert.equal(settings.deleteUnreachable, true);
    assert.equal(settings.secretMutable, false);
  });

  it("refuses settings that it does not have", () => {
    assert.match(
      checkConfig({ news: { renderYamlToDirectory: "out" } }).failures?.[0]?.reason ?? "",
      /renderYamlToDirectory/,
    );
    assert.match(
      checkConfig({ news: { enableServerSideApply: "false" } }).failures?.[0]?.reason ?? "",
      /server-side apply only/,
    );
  });

  it("finds server, namespace and token in a kubeconfig's text, in a file, and in KUBECONFIG", () => {
    const folder = mkdtempSync(join(tmpdir(), "kubeconfig-"));
    const file = join(folder, "config");
    writeFileSync(file, kubeconfig(HERE));
    const found = [
      connectionOf(choice(kubeconfig(HERE))),
      connectionOf(choice(file)),
      connectionOf(choice(undefined), { KUBECONFIG: file }),
    ];
    rmSync(folder, { recursive: true });

    for (const { server, namespace, authorization } of found) {
      assert.deepEqual([server.origin, namespace, authorization()], [HERE, "shop", "Bearer t0k3n"]);
    }
  });

  it("says what is wrong with a kubeconfig, never what is in it", () => {
    const failure = (text: string | undefined, context?: string) => {
      try {
        connectionOf(choice(text, context), { KUBECONFIG: "/nonexistent/config" });
        return "no error";
      } catch (error) {
        return (error as Error).message;
      }
    };

    assert.equal(failure(kubeconfig(HERE), "broken"), 'The kubeconfig has no entry "gone" under clusters.');
    assert.equal(failure(kubeconfig(HERE), "other"), 'The kubeconfig has no entry "other" under contexts.');
    assert.match(failure(kubeconfig("nowhere")), /server "nowhere": not a URL/);
    assert.match(failure(undefined), /file \/nonexistent\/config/);
    assert.doesNotMatch(failure("users: [t0k3n: {"), /t0k3n/);
  });
});
