import assert from "node:assert/strict";
import { iris } from "../../../services/serving/iris/kind";
import { BucketSource } from "../../../services/serving/bucket-source";
import { createServer, type ModelServer } from "../../../services/serving/server";
import { FakeBucket } from "../../support/fake-bucket";
import { irisFile, TWO_SPECIES } from "./support/model-files";
import { publishVersion } from "../../support/published-models";

describe("The iris serving", () => {
  let bucket: FakeBucket;
  let server: ModelServer;
  beforeEach(async () => (bucket = await FakeBucket.start()));
  afterEach(async () => {
    await server.drain(0);
    await bucket.stop();
  });

  const serve = async (file: Buffer) => {
    publishVersion(bucket, "iris", "v1", file);
    const source = new BucketSource({ address: "s3://models", recommender: "iris", client: bucket.client });
    server = await createServer(iris, { source, pollMilliseconds: 10_000, logs: false });
  };
  const infer = async (data: unknown, shape: unknown = [2, 4], more: object = {}) => {
    const payload = { inputs: [{ name: "features", shape, datatype: "FP32", data, ...more }] };
    const answer = await server.app.inject({ method: "POST", url: "/v2/models/iris/infer", payload });
    return { status: answer.statusCode, body: answer.json<Record<string, unknown>>() };
  };

  it("names the species of each row, given flat or nested", async () => {
    await serve(irisFile(TWO_SPECIES));

    for (const data of [
      [1, 2, 3, 4, 5, 6, 7, 8],
      [
        [1, 2, 3, 4],
        [5, 6, 7, 8],
      ],
    ]) {
      const { status, body } = await infer(data);
      assert.equal(status, 200);
      assert.deepEqual(body["outputs"], [{ name: "class", datatype: "BYTES", shape: [2], data: ["small", "large"] }]);
      assert.equal(body["model_version"], "v1");
    }
  });

  it("describes itself", async () => {
    await serve(irisFile(TWO_SPECIES));

    const body = (await server.app.inject("/v2/models/iris")).json<Record<string, unknown>>();
    assert.deepEqual(body["inputs"], [{ name: "features", datatype: "FP32", shape: [-1, 4] }]);
    assert.deepEqual(body["outputs"], [{ name: "class", datatype: "BYTES", shape: [-1] }]);
    const { classes, features } = body["properties"] as Record<string, unknown>;
    assert.deepEqual(
      [classes, features],
      [
        ["small", "large"],
        ["a", "b", "c", "d"],
      ],
    );
  });

  it("says what is wrong with a malformed request", async () => {
    await serve(irisFile(TWO_SPECIES));
    const cases: [unknown, unknown, RegExp][] = [
      [[1, 2, 3], [1, 4], /data has 3 values; a row of features has 4/],
      [[1, 2, 3, 4], [4], /shape is \[4\]; for this data it has to be \[1,4\]/],
      [[1, 2, 3, "4"], [1, 4], /data holds "4"; features is of numbers/],
      [[], [0, 4], /data is empty/],
      [Array(4004).fill(1), [1001, 4], /1001 rows; one request may ask for 1000/],
    ];
    for (const [data, shape, reason] of cases) {
      const { status, body } = await infer(data, shape);
      assert.equal(status, 400, String(reason));
      assert.match(String(body["error"]), reason);
    }
    assert.match(String((await infer([1, 2, 3, 4], [1, 4], { datatype: "FP64" })).body["error"]), /features is "FP32"/);
  });

  for (const [fault, change, reason] of [
    [
      "of another kind",
      { format: "books-neighbours/1" },
      /format is "books-neighbours\/1" where "linear-classifier\/1"/,
    ],
    ["of one class", { classes: ["one"], weights: [1, 1, 1, 1], intercepts: [0] }, /fewer than two classes/],
    ["with tensors that do not fit", { intercepts: [0] }, /do not fit together: 2 classes, but 8, 1 entries/],
    ["with a weight that is no number", { intercepts: [0, NaN] }, /a weight that is no number/],
  ] as const)
    it(`refuses a model ${fault}`, async () => {
      await serve(irisFile({ ...TWO_SPECIES, ...change }));

      const { statusCode, body } = await server.app.inject("/v2/health/ready");
      assert.equal(statusCode, 503);
      assert.match(body.replaceAll("\\", ""), reason);
    });
});
