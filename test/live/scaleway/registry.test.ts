import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { registryService } from "../../../local/scaleway/registry/backend";
import { installedTools } from "../../../local/toolchain/ensure-tools";
import { type Json, REGION, TestScaleway } from "../../scaleway/support";

const NAMESPACES = `/registry/v1/regions/${REGION}/namespaces`;
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const digestOf = (content: string): string => `sha256:${createHash("sha256").update(content).digest("hex")}`;

describe("The registry", () => {
  let scaleway: TestScaleway;
  let backend: ChildProcess;
  let namespace: string;
  before(async () => {
    scaleway = await TestScaleway.start();
    const service = registryService(scaleway.instance, installedTools());
    const [program = "", ...args] = service.command;
    backend = spawn(program, args, { env: service.environment, stdio: "ignore" });
    namespace = (await scaleway.post(NAMESPACES, { name: "books-images" })).body["id"] as string;
    while ((await call("GET", "/v2/")).status === 503);
  });
  after(async () => {
    const gone = new Promise((done) => backend.once("exit", done));
    backend.kill();
    await gone;
    await scaleway.stop();
  });

  const basic = (secret: string) => `Basic ${Buffer.from(`nologin:${secret}`).toString("base64")}`;
  const call = (method: string, path: string, more: { body?: string; type?: string; authorization?: string } = {}) => {
    const authorization = more.authorization ?? basic(scaleway.instance.account.secretKey);
    const url = new URL(path, `http://127.0.0.1:${scaleway.instance.ports.registry}`);
    return fetch(url, {
      method,
      headers: {
        ...(authorization && { authorization }),
        accept: MANIFEST,
        "content-type": more.type ?? "application/octet-stream",
      },
      body: more.body,
    });
  };
  const pushBlob = async (image: string, content: string): Promise<Json> => {
    const upload = await call("POST", `/v2/${image}/blobs/uploads/`);
    assert.equal(upload.status, 202);
    const place = upload.headers.get("location") ?? "";
    assert.ok(place.startsWith("/"), "uploads stay on the front's address");
    const done = await call("PUT", `${place}&digest=${digestOf(content)}`, { body: content });
    assert.equal(done.status, 201);
    return { mediaType: "application/octet-stream", digest: digestOf(content), size: content.length };
  };

  it("takes an image by a key with registry rights, and tells its namespace's count and size", async () => {
    const image = "books-images/serving";
    const [config, layer] = [await pushBlob(image, "{}"), await pushBlob(image, "a layer")];
    const type = MANIFEST;
    const body = JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers: [layer] });
    assert.equal((await call("PUT", `/v2/${image}/manifests/v1`, { body, type })).status, 201);

    assert.equal(await (await call("GET", `/v2/${image}/blobs/${digestOf("a layer")}`)).text(), "a layer");
    const shown = (await scaleway.get(`${NAMESPACES}/${namespace}`)).body;
    assert.deepEqual([shown["image_count"], shown["size"]], [1, 9]);
    assert.equal(shown["endpoint"], "rg.fr-par.scw.cloud/books-images");
  });

  it("asks for a key, lets a reader only pull, and knows no namespace that was not created", async () => {
    const application_id = (await scaleway.post("/iam/v1alpha1/applications", { name: "puller" })).body["id"];
    const rules = [
      { permission_set_names: ["ContainerRegistryReadOnly"], project_ids: [scaleway.instance.account.projectId] },
    ];
    await scaleway.post("/iam/v1alpha1/policies", { application_id, rules });
    const key = (await scaleway.post("/iam/v1alpha1/api-keys", { application_id })).body["secret_key"] as string;
    const manifest = "/v2/books-images/serving/manifests/v1";

    const anonymous = await call("GET", manifest, { authorization: "" });
    assert.deepEqual([anonymous.status, anonymous.headers.get("www-authenticate")?.slice(0, 5)], [401, "Basic"]);
    assert.equal((await call("GET", manifest, { authorization: basic("wrong") })).status, 401);
    assert.equal((await call("GET", manifest, { authorization: basic(key) })).status, 200);
    const push = "/v2/books-images/serving/blobs/uploads/";
    assert.equal((await call("POST", push, { authorization: basic(key) })).status, 403);
    assert.equal((await call("POST", "/v2/nobodys/serving/blobs/uploads/")).status, 404);
  });

  it("forgets the images of a namespace that is deleted", async () => {
    await scaleway.delete(`${NAMESPACES}/${namespace}`);
    assert.equal((await scaleway.get(`${NAMESPACES}/${namespace}`)).status, 404);
    await scaleway.post(NAMESPACES, { name: "books-images" });

    assert.equal((await call("GET", "/v2/books-images/serving/manifests/v1")).status, 404);
  });
});
