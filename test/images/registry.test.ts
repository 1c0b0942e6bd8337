import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { imageLabels, type Registry } from "../../images/registry";

describe("Registry", () => {
  let server: Server;
  let registry: Registry;
  const serve = (listener: RequestListener) =>
    new Promise<void>((done) => {
      server = createServer(listener).listen(0, "127.0.0.1", () => {
        const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
        registry = { host, namespace: "recommender", user: "nologin", password: "key", tls: false };
        done();
      });
    });
  afterEach(() => new Promise((done) => server.close(done)));

  const content: Record<string, unknown> = {
    "/v2/recommender/books-cpu/manifests/abc": { config: { digest: "sha256:1" } },
    "/v2/recommender/books-cpu/blobs/sha256:1": { config: { Labels: { variant: "x" } } },
  };

  it("tells the labels of an image it has, and undefined of one it has not", async () => {
    await serve((request, response) => {
      const body = content[request.url ?? ""];
      response.writeHead(body ? 200 : 404).end(JSON.stringify(body ?? {}));
    });

    assert.deepEqual(await imageLabels(registry, "books-cpu", "abc"), { variant: "x" });
    assert.equal(await imageLabels(registry, "books-cpu", "other"), undefined);
  });

  it("logs in where the registry asks for a token", async () => {
    const basic = `Basic ${Buffer.from("nologin:key").toString("base64")}`;
    await serve((request, response) => {
      const { authorization, host } = request.headers;
      if (request.url?.startsWith("/token?") && authorization === basic) {
        response.end(JSON.stringify({ token: "granted" }));
      } else if (authorization !== "Bearer granted") {
        const challenge = `Bearer realm="http://${host}/token",service="registry",scope="repository:x:pull"`;
        response.writeHead(401, { "www-authenticate": challenge }).end();
      } else response.end(JSON.stringify(content[request.url ?? ""]));
    });

    assert.deepEqual(await imageLabels(registry, "books-cpu", "abc"), { variant: "x" });
  });

  it("says which registry refuses and what to check", async () => {
    await serve((_, response) => response.writeHead(403).end());

    await assert.rejects(
      imageLabels(registry, "books-cpu", "abc"),
      /answered 403 for recommender\/books-cpu: check namespace/,
    );
  });

  it("says that a registry does not answer", async () => {
    await serve((_, response) => response.destroy());

    await assert.rejects(imageLabels(registry, "books-cpu", "abc"), /does not answer .* Is it running/);
  });
});
