import assert from "node:assert/strict";
import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import {
  type SmallModel,
  FOUR_BOOKS,
  irisFile,
  modelFile,
  TWO_SPECIES,
} from "../../services/serving/support/model-files";
import { Models, type Serving } from "./support";

const ITEMS = 20_000;

/** A model as large as the real one, whose titles tell which it is. */
function largeModel(name: string): Buffer {
  const at = Array.from({ length: ITEMS }, (_, position) => position);
  const model: SmallModel = {
    items: at.map((position) => String(position).padStart(10, "0")),
    titles: at.map((position) => `${name} ${position}: a title of usual length (with a remark)`),
    readers: at,
    neighbours: at.map((position) =>
      Array.from({ length: 10 }, (_, rank) => [(position + rank + 1) % ITEMS, 0.5] as const),
    ),
  };
  return modelFile(model);
}

describe("Models in a real object store", function () {
  this.timeout("10m");
  let models: Models;
  before(async () => (models = await Models.start()));
  after(() => models.stop());

  const get = async (Key: string) =>
    (await models.client.send(new GetObjectCommand({ Bucket: "models", Key }))).Body!.transformToString();
  const put = (Key: string, Body: string) => models.client.send(new PutObjectCommand({ Bucket: "models", Key, Body }));
  const title = async (serving: Serving) => (await serving.get<{ title: string }>("/recommendations/0000000000")).title;

  describe("of books", () => {
    let serving: Serving;
    let first: string;
    before(async () => (serving = await models.serve("books")));
    after(() => serving.stop());

    it("make the serving ready once there is one", async () => {
      assert.equal(await serving.status("/v2/health/ready"), 503);
      await serving.untilProblem(/no model is published yet/);

      first = await models.publish("books", largeModel("First"));
      await serving.until(first);
      assert.equal(await serving.status("/v2/health/ready"), 200);
      assert.equal(await title(serving), "First 0: a title of usual length (with a remark)");
      assert.deepEqual((await serving.get<{ steps: object[] }>("/training")).steps, [{ task: "train" }]);
    });

    it("follow each other under load without a failed request", async () => {
      const load = startLoad(serving.url);
      const second = await models.publish("books", largeModel("Second"));
      await serving.until(second);
      const third = await models.publish("books", largeModel("Third"));
      await serving.until(third);
      const { statuses, versions } = await load.end();

      assert.deepEqual([...statuses.keys()], [200], JSON.stringify([...statuses]));
      assert.deepEqual(versions, [first, second, third]);
      assert.ok(statuses.get(200)! > 100, "it was a load");
    });

    it("go back where the earlier one is published again", async () => {
      assert.equal(await models.publish("books", largeModel("First")), first);

      await serving.until(first);
    });

    it("stay out where they are broken", async () => {
      const version = await models.publish("books", modelFile({ ...FOUR_BOOKS, readers: [1] }));
      await serving.untilProblem(/its tensor "readers" should have 16 bytes/);
      assert.equal(await serving.status("/v2/health/ready"), 200);
      assert.match(await title(serving), /^First/);

      await put("books/current.json", '{"version": "');
      await serving.untilProblem(/current.json is not a JSON object/);
      assert.match(await title(serving), /^First/);
      const manifest = JSON.parse(await get(`books/${version}/manifest.json`)) as { version: string };
      assert.equal(manifest.version, version);
    });

    it("are found again by whoever publishes next, over a pointer that is none or is gone", async () => {
      await serving.until(await models.publish("books", largeModel("Fourth")));

      await models.client.send(new DeleteObjectCommand({ Bucket: "models", Key: "books/current.json" }));
      await serving.until(await models.publish("books", largeModel("Third")));
    });

    it("are served as they are pinned", async () => {
      const pinned = await models.serve("books", first);
      try {
        await pinned.until(first);
        await serving.until(await models.publish("books", largeModel("Fifth")));

        assert.match(await title(pinned), /^First/);
        assert.match(await title(serving), /^Fifth/);
      } finally {
        await pinned.stop();
      }
    });

    it("need no more memory than a pod has, with one loaded beside the other", () => {
      assert.ok(serving.peakMemory() <= 256 * 2 ** 20, String(serving.peakMemory()));
    });
  });

  it("of two publishers at once are never mixed up", async () => {
    const both = ["One", "Two"].map((name) => largeModel(name));
    const attempts = await Promise.allSettled(both.map((model) => models.publish("races", model)));
    const pointer = JSON.parse(await get("races/current.json")) as { version: string };
    const published = attempts.flatMap((attempt) => (attempt.status === "fulfilled" ? [attempt.value] : []));

    assert.ok(published.includes(pointer.version));
    for (const attempt of attempts)
      if (attempt.status === "rejected") assert.match(String(attempt.reason), /Another run has published/);
  });

  it("pass the gate where they beat the plain line and the live one", async () => {
    const scores = (value: number) => ({
      metric: "accuracy_score",
      sample: "test rows",
      ids: Array.from({ length: 100 }, (_, at) => String(at)),
      values: Array.from({ length: 100 }, (_, at) => (at % 10 < value ? 1 : 0)),
      baseline: Array.from({ length: 100 }, () => 0.3),
    });
    const gate = (value: number) => models.gate("iris", scores(value));

    assert.equal((await gate(9))["passed"], true);
    const version = await models.publish("iris", irisFile(TWO_SPECIES), scores(9));
    const worse = await gate(7);
    assert.equal(worse["passed"], false);
    assert.equal((worse["overLive"] as { version: string }).version, version);
    assert.equal((await gate(9))["passed"], true);
  });

  it("of iris answer by the same program", async () => {
    const serving = await models.serve("iris");
    try {
      const version = await models.publish("iris", irisFile(TWO_SPECIES));
      await serving.until(version);
      const body = JSON.stringify({
        inputs: [{ name: "features", shape: [1, 4], datatype: "FP32", data: [9, 9, 9, 9] }],
      });
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${serving.url}/v2/models/iris/infer`, { method: "POST", headers, body });
      const { outputs } = (await answer.json()) as { outputs: unknown };
      assert.deepEqual(outputs, [{ name: "class", datatype: "BYTES", shape: [1], data: ["large"] }]);
    } finally {
      await serving.stop();
    }
  });
});

/** Requests one after the other on each of a few connections, until it is ended. */
function startLoad(url: string) {
  const statuses = new Map<number, number>();
  const versions: string[] = [];
  let going = true;
  const body = JSON.stringify({ inputs: [{ name: "isbn", shape: [1], datatype: "BYTES", data: ["0000000007"] }] });
  const headers = { "content-type": "application/json" };
  const ask = async () => {
    while (going) {
      const answer = await fetch(`${url}/v2/models/books/infer`, { method: "POST", headers, body }).catch(
        () => undefined,
      );
      const status = answer?.status ?? 0;
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      const { model_version: version } = ((await answer?.json()) ?? {}) as { model_version?: string };
      if (version !== undefined && !versions.includes(version)) versions.push(version);
    }
  };
  const lanes = [ask(), ask(), ask()];
  return {
    end: async () => {
      going = false;
      await Promise.all(lanes);
      return { statuses, versions };
    },
  };
}
