import assert from "node:assert/strict";
import { stringify } from "yaml";
import { clusterAccess } from "../../../infra/recommender/runs/kubeconfig";

const encoded = (text: string) => Buffer.from(text).toString("base64");
const kubeconfig = (user: object, cluster: object = {}) =>
  stringify({
    "current-context": "admin@books",
    contexts: [
      { name: "other", context: { cluster: "other", user: "other" } },
      { name: "admin@books", context: { cluster: "books", user: "books-admin" } },
    ],
    clusters: [
      {
        name: "books",
        cluster: { server: "https://c.example:6443", "certificate-authority-data": encoded("ca"), ...cluster },
      },
    ],
    users: [{ name: "books-admin", user }],
  });

describe("Kubeconfig of runs", () => {
  it("gives the token of the current context's user", () => {
    const { server, tls, authorization } = clusterAccess(kubeconfig({ token: "abc" }));

    assert.equal(server.href, "https://c.example:6443/");
    assert.equal(authorization, "Bearer abc");
    assert.deepEqual([tls.ca, tls.rejectUnauthorized], ["ca", true]);
  });

  it("gives a certificate instead", () => {
    const user = { "client-certificate-data": encoded("cert"), "client-key-data": encoded("key") };
    const { tls, authorization } = clusterAccess(kubeconfig(user));

    assert.deepEqual([tls.cert, tls.key, authorization], ["cert", "key", undefined]);
  });

  for (const [what, text, message] of [
    ["no user", kubeconfig({}), /neither token nor client-certificate-data/],
    ["no address", kubeconfig({ token: "abc" }, { server: "here" }), /names the server "here", which is no address/],
    ["no context", "current-context: gone", /has no entry "gone" under contexts/],
    ["no YAML", "token: {secret", /is no YAML \(its content is not shown/],
  ] as const)
    it(`says what is wrong with one that has ${what}, without its content`, () => {
      assert.throws(
        () => clusterAccess(text),
        (error: Error) => message.test(error.message) && !/abc|secret/.test(error.message),
      );
    });
});
