import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CurrentModel, type ModelManifest, ModelStore } from "../../../pipelines/components/models/model-store";
import { publish, type PublishOptions } from "../../../pipelines/components/models/publish";
import { FakeBucket } from "../../support/fake-bucket";

describe("Publishing a model", () => {
  let bucket: FakeBucket;
  let folder: string;
  let store: ModelStore;
  beforeEach(async () => {
    bucket = await FakeBucket.start();
    folder = mkdtempSync(join(tmpdir(), "publish-"));
    store = new ModelStore("s3://models", "books", bucket.client);
  });
  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await bucket.stop();
  });

  const put = (name: string, content: string) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const options = (model: string, more: Partial<PublishOptions> = {}): PublishOptions => ({
    model: put("model", model),
    scores: put("scores", "{}"),
    metrics: put("metrics", '{"recall10":0.07}'),
    run: "run-1",
    keep: 5,
    ...more,
  });
  const current = () => bucket.json<CurrentModel>("books/current.json");
  const versions = () =>
    [...bucket.objects.keys()].filter((key) => key.endsWith("/manifest.json")).map((key) => key.split("/")[1]);

  it("stores it under the version of its content, and makes it current", async () => {
    const { version, changed } = await publish(store, options("first", { training: put("training", '{"steps":[]}') }));

    assert.match(version, /^[0-9a-f]{12}$/);
    assert.ok(changed);
    assert.equal(current().version, version);
    const manifest = bucket.json<ModelManifest>(`books/${version}/manifest.json`);
    assert.deepEqual(Object.keys(manifest.files), ["model.safetensors", "scores.json", "training.json"]);
    assert.deepEqual(manifest.metrics, { recall10: 0.07 });
    assert.equal(manifest.run, "run-1");
    assert.equal(bucket.objects.get(`books/${version}/model.safetensors`)?.content.toString(), "first");
  });

  it("changes nothing the second time", async () => {
    const { version } = await publish(store, options("first"));
    const before = new Map(bucket.objects);
    bucket.requests.length = 0;

    assert.deepEqual(await publish(store, options("first", { run: "run-2" })), {
      version,
      changed: false,
      removed: [],
    });
    assert.deepEqual(bucket.objects, before);
    assert.ok(!bucket.requests.some((request) => request.startsWith("PUT")));
  });

  it("goes back to an earlier model by publishing it again", async () => {
    const { version } = await publish(store, options("first"));
    await publish(store, options("second"));
    assert.notEqual(current().version, version);

    assert.ok((await publish(store, options("first"))).changed);
    assert.equal(current().version, version);
  });

  it("writes the pointer last: what fails on the way leaves the one before", async () => {
    const { version } = await publish(store, options("first"));
    for (const file of ["model.safetensors", "scores.json", "manifest.json", "current.json"]) {
      bucket.beforePut = (key) => {
        if (key.endsWith(file)) throw new Error("the power failed");
      };
      await assert.rejects(publish(store, options(`a model that fails at ${file}`)), /Cannot write .*Check the bucket/);
      assert.equal(current().version, version, file);
    }
  });

  it("completes a version that was left half-written", async () => {
    const { version } = await publish(store, options("first"));
    bucket.objects.delete(`books/${version}/manifest.json`);
    bucket.objects.delete("books/current.json");
    bucket.put(`books/${version}/model.safetensors`, "fir");

    await publish(store, options("first"));
    assert.equal(bucket.objects.get(`books/${version}/model.safetensors`)?.content.toString(), "first");
    assert.equal(current().version, version);
  });

  it("replaces a pointer and a manifest that are broken", async () => {
    const { version } = await publish(store, options("first"));
    const rest = '{"version": "';
    bucket.put("books/current.json", rest);
    bucket.put(`books/${version}/manifest.json`, rest);

    assert.ok((await publish(store, options("first"))).changed);
    assert.equal(current().version, version);
    assert.equal(bucket.json<ModelManifest>(`books/${version}/manifest.json`).version, version);
  });

  it("lets of two publishers at once the first one win, and says so", async () => {
    await publish(store, options("first"));
    const theirs = { recommender: "books", version: "theirs", sha256: "0" };
    bucket.beforePut = (key) => {
      if (key === "books/current.json") bucket.put(key, JSON.stringify(theirs));
    };

    await assert.rejects(publish(store, options("second")), /Another run has published .* Run the pipeline again/);
    assert.deepEqual(current(), theirs);
  });

  it("keeps the newest versions, the current one and the pinned one", async () => {
    const { version: oldest } = await publish(store, options("0"));
    for (const model of ["1", "2", "3"]) await publish(store, options(model));
    bucket.put(`books/${oldest}/pinned`, "pinned");
    const { removed } = await publish(store, options("4", { keep: 3 }));

    assert.equal(removed.length, 1);
    assert.equal(versions().length, 4);
    assert.ok(versions().includes(oldest));
    assert.ok(versions().includes(current().version));
    for (const version of removed) assert.ok(![...bucket.objects.keys()].some((key) => key.includes(version)));
  });

  it("touches no other recommender's models", async () => {
    bucket.put("books-of-others/1/manifest.json", "{}");
    await publish(store, options("1", { keep: 1 }));
    await publish(store, options("2", { keep: 1 }));

    assert.ok(bucket.objects.has("books-of-others/1/manifest.json"));
    assert.equal(versions().length, 2);
  });

  it("refuses what cannot be a model", async () => {
    const cases: [PublishOptions, RegExp][] = [
      [options("m", { keep: 0 }), /--keep is 0; at least 1/],
      [options("m", { model: put("empty", "") }), /The model at .* is empty/],
      [options("m", { model: join(folder, "absent") }), /The model at .*absent cannot be read/],
      [options("m", { metrics: put("list", "[]") }), /metrics at .* are not a JSON object/],
    ];
    for (const [given, reason] of cases) await assert.rejects(publish(store, given), reason);
    assert.throws(() => new ModelStore("models", "books", bucket.client), /--models "models" is no bucket/);
    assert.throws(() => new ModelStore("s3://models", "../x", bucket.client), /--recommender "..\/x" is no name/);
  });
});
