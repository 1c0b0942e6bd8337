import assert from "node:assert/strict";
import { books } from "../../../services/serving/books/kind";
import { BucketSource } from "../../../services/serving/bucket-source";
import { createServer, type ModelServer } from "../../../services/serving/server";
import { FakeBucket } from "../../support/fake-bucket";
import { FOUR_BOOKS, modelFile } from "./support/model-files";
import { publishVersion, storeVersion } from "../../support/published-models";

const titled = (title: string) => modelFile({ ...FOUR_BOOKS, titles: [title, "", "", ""] });

describe("The serving of published models", () => {
  let bucket: FakeBucket;
  let server: ModelServer;
  beforeEach(async () => (bucket = await FakeBucket.start()));
  afterEach(async () => {
    await server.drain(0);
    await bucket.stop();
  });

  const serve = async (pin?: string) => {
    const source = new BucketSource({
      address: "s3://models",
      recommender: "books",
      client: bucket.client,
      ...(pin && { pin }),
    });
    server = await createServer(books, { source, pollMilliseconds: 5, logs: false });
  };
  const ask = async (path: string) => {
    const { statusCode, body } = await server.app.inject(path);
    return { status: statusCode, body: JSON.parse(body) as Record<string, unknown> };
  };
  const title = async () => (await ask("/recommendations/0001")).body["title"];
  const problem = async () => String((await ask("/v2/health/ready")).body["problem"]);
  const looks = () => bucket.requests.filter((request) => request.includes("current.json")).length;
  const looked = async () => {
    const before = looks();
    await until(() => looks() > before + 1);
  };

  it("is not ready before a first model, says why, and follows the first", async () => {
    await serve();
    assert.deepEqual(await ask("/v2/health/ready"), {
      status: 503,
      body: { ready: false, problem: "no model is published yet: s3://models/books/current.json is missing" },
    });
    assert.equal((await ask("/v2/health/live")).status, 200);
    assert.match(
      String((await ask("/recommendations")).body["error"]),
      /No model is loaded yet: no model is published/,
    );

    publishVersion(bucket, "books", "v1", titled("One"));
    await until(async () => (await ask("/v2/health/ready")).status === 200);
    assert.deepEqual(await ask("/v2/health/ready"), { status: 200, body: { ready: true } });
  });

  it("serves the version that is current, with what was published of it", async () => {
    publishVersion(bucket, "books", "v1", titled("One"));
    await serve();

    assert.equal(await title(), "One");
    const { body } = await ask("/v2/models/books");
    assert.deepEqual(body["versions"], ["v1"]);
    assert.deepEqual((body["properties"] as { metrics: unknown }).metrics, { recall10: 0.07 });
    assert.deepEqual((await ask("/training")).body["steps"], [{ task: "made v1" }]);
  });

  it("answers by version, too, and refuses another than the one it serves", async () => {
    publishVersion(bucket, "books", "v1", titled("One"));
    await serve();

    const payload = { inputs: [{ name: "isbn", shape: [1], datatype: "BYTES", data: ["0001"] }] };
    const infer = async (version: string) => {
      const url = `/v2/models/books/versions/${version}/infer`;
      return (await server.app.inject({ method: "POST", url, payload })).json<Record<string, unknown>>();
    };
    assert.equal((await infer("v1"))["model_version"], "v1");
    assert.deepEqual(await infer("v2"), { error: 'Version "v2" is not served; version "v1" is.' });
    assert.equal((await ask("/v2/models/books/versions/v1/ready")).status, 200);
    assert.equal((await ask("/v2/models/books/versions/v2/ready")).status, 404);
    assert.deepEqual((await ask("/v2/models/books/versions/v1")).body["versions"], ["v1"]);
  });

  it("follows the pointer forth and back, and fetches nothing while it stays", async () => {
    publishVersion(bucket, "books", "v1", titled("One"));
    await serve();
    publishVersion(bucket, "books", "v2", titled("Two"));
    await until(async () => (await title()) === "Two");

    bucket.requests.length = 0;
    await looked();
    assert.ok(
      bucket.requests.every((request) => request === "GET books/current.json 304"),
      bucket.requests.join("\n"),
    );
    publishVersion(bucket, "books", "v1", titled("One"));
    await until(async () => (await title()) === "One");
  });

  it("loads nothing anew where the pointer is written again for the same version", async () => {
    publishVersion(bucket, "books", "v1", titled("One"));
    await serve();
    bucket.requests.length = 0;
    bucket.put("books/current.json", ` ${bucket.objects.get("books/current.json")?.content.toString()}`);

    await until(() => bucket.requests.includes("GET books/current.json 200"));
    await looked();
    assert.ok(!bucket.requests.some((request) => request.includes("model.safetensors")));
  });

  for (const [fault, damage, reason] of [
    ["is cut off", () => bucket.put("books/v2/model.safetensors", "cut"), /the sha256 of v2\/model.safetensors is /],
    ["is missing", () => bucket.objects.delete("books/v2/model.safetensors"), /v2\/model.safetensors is missing/],
    ["has another manifest", () => bucket.put("books/v2/manifest.json", "{}"), /sha256 of v2\/manifest.json is/],
    [
      "is of another kind",
      () => publishVersion(bucket, "books", "v2", Buffer.from("12345678{}")),
      /header should have/,
    ],
    ["is pointed to by rubbish", () => bucket.put("books/current.json", "{"), /current.json is not a JSON object/],
    ["is pointed to by half", () => bucket.put("books/current.json", "{}"), /current.json names no version/],
  ] as const)
    it(`keeps the model before where the new one ${fault}, says so, and takes the next good one`, async () => {
      publishVersion(bucket, "books", "v1", titled("One"));
      await serve();
      const sha256 = storeVersion(bucket, "books", "v2", titled("Two"));
      bucket.put("books/current.json", JSON.stringify({ version: "v2", sha256 }));
      damage();

      await until(async () => reason.test(await problem()));
      assert.equal((await ask("/v2/health/ready")).status, 200);
      assert.equal(await title(), "One");
      const metrics = (await server.app.inject("/metrics")).body;
      assert.match(metrics, /serving_model_loads_total\{result="refused",model="books"\} [12]\n/);
      assert.match(metrics, /serving_model_problem\{model="books"\} 1/);

      publishVersion(bucket, "books", "v3", titled("Three"));
      await until(async () => (await title()) === "Three");
      assert.equal((await ask("/v2/health/ready")).body["problem"], undefined);
      assert.match((await server.app.inject("/metrics")).body, /serving_model_problem\{model="books"\} 0/);
    });

  it("reads a broken version once, not at every look", async () => {
    publishVersion(bucket, "books", "v1", titled("One"));
    bucket.put("books/v1/model.safetensors", "broken");
    await serve();
    await looked();
    await looked();

    assert.equal(bucket.requests.filter((request) => request.includes("model.safetensors")).length, 1);
  });

  it("goes on where the bucket does not answer, and catches up", async () => {
    publishVersion(bucket, "books", "v1", titled("One"));
    await serve();
    bucket.fault = 503;
    await until(async () => /cannot be read/.test(await problem()));
    assert.equal(await title(), "One");

    publishVersion(bucket, "books", "v2", titled("Two"));
    bucket.fault = undefined;
    await until(async () => (await title()) === "Two");
    assert.equal((await ask("/v2/health/ready")).body["problem"], undefined);
  });

  it("forgets that the bucket did not answer once it does, though nothing has changed", async () => {
    publishVersion(bucket, "books", "v1", titled("One"));
    await serve();
    bucket.fault = 503;
    await until(async () => /cannot be read/.test(await problem()));
    bucket.fault = undefined;

    await until(async () => (await ask("/v2/health/ready")).body["problem"] === undefined);
    assert.equal(await title(), "One");
  });

  it("stays at the version it is pinned to", async () => {
    storeVersion(bucket, "books", "v1", titled("One"));
    publishVersion(bucket, "books", "v2", titled("Two"));
    await serve("v1");

    assert.equal(await title(), "One");
    bucket.requests.length = 0;
    await until(() => bucket.requests.length > 1);
    assert.ok(bucket.requests.every((request) => request === "GET books/v1/manifest.json 304"));
  });

  it("says that the version it is pinned to is not there", async () => {
    publishVersion(bucket, "books", "v2", titled("Two"));
    await serve("v1");

    assert.equal((await ask("/v2/health/ready")).status, 503);
    assert.match(
      await problem(),
      /the pinned version is not there: s3:\/\/models\/books\/v1\/manifest.json is missing/,
    );
  });

  it("refuses an address that is none", () => {
    assert.throws(() => new BucketSource({ address: "models", recommender: "books" }), /MODELS is "models"; write s3:/);
    const pinned = { address: "s3://models", recommender: "books", pin: "../x" };
    assert.throws(() => new BucketSource(pinned), /MODEL_VERSION "..\/x" is no name of a version/);
  });
});

/** Waits for a condition; mocha's timeout ends the wait. */
async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
