import assert from "node:assert/strict";
import { Agent, get } from "node:http";
import { books } from "../../../services/serving/books/kind";
import { BucketSource } from "../../../services/serving/bucket-source";
import { createServer, type ModelServer } from "../../../services/serving/server";
import { FakeBucket } from "../../support/fake-bucket";
import { FOUR_BOOKS, modelFile } from "./support/model-files";
import { publishVersion } from "../../support/published-models";

describe("The books serving", () => {
  let bucket: FakeBucket;
  let server: ModelServer;
  let url: string;
  const source = () => new BucketSource({ address: "s3://models", recommender: "books", client: bucket.client });
  const publish = (version: string, model: Buffer) => publishVersion(bucket, "books", version, model);

  beforeEach(async () => {
    bucket = await FakeBucket.start();
    publish("first", modelFile(FOUR_BOOKS));
    server = await createServer(books, {
      source: source(),
      pollMilliseconds: 10,
      bodyLimit: 2000,
      logs: false,
    });
    url = await server.app.listen({ host: "127.0.0.1", port: 0 });
  });
  afterEach(async () => {
    await server.drain(0);
    await bucket.stop();
  });

  const ask = async (path: string, init?: RequestInit) => {
    const answer = await fetch(`${url}${path}`, init);
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  };
  const post = (body: string, path = "/v2/models/books/infer") =>
    ask(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  const infer = (data: unknown, more: object = {}) =>
    post(
      JSON.stringify({ inputs: [{ name: "isbn", shape: [(data as []).length], datatype: "BYTES", data }], ...more }),
    );

  describe("by the Open Inference Protocol", () => {
    it("gives ten neighbours, titles and scores for each item, filled up where there are fewer", async () => {
      const { status, body } = await infer(["0001", "0009"], { id: "mine" });

      const none = Array<string>(10).fill("");
      assert.equal(status, 200);
      assert.deepEqual(body, {
        model_name: "books",
        model_version: server.version(),
        id: "mine",
        outputs: [
          output("neighbours", "BYTES", ["0002", "000X", ...none.slice(2), ...none]),
          output("titles", "BYTES", ["Harry Potter", "Émma", ...none.slice(2), ...none]),
          output("scores", "FP32", [0.5, 0.25, ...Array<number>(18).fill(0)]),
          { name: "status", datatype: "BYTES", shape: [2], data: ["ok", "ok"] },
        ],
      });
    });

    it("tells an item it does not know from one without neighbours", async () => {
      const { status, body } = await infer(["0009", "7777"], { outputs: [{ name: "status" }] });

      assert.equal(status, 200);
      assert.deepEqual(body["outputs"], [{ name: "status", datatype: "BYTES", shape: [2], data: ["ok", "not found"] }]);
      assert.deepEqual(await infer(["7777"]), {
        status: 404,
        body: { error: "No item of the model has the id 7777.", notFound: ["7777"] },
      });
    });

    it("says what is wrong with a malformed request", async () => {
      const input = { name: "isbn", shape: [1], datatype: "BYTES", data: ["0001"] };
      const cases: [unknown, RegExp][] = [
        [[], /^The body has to be a JSON object/],
        [{}, /^inputs has to be a list/],
        [{ inputs: [input, input] }, /^inputs has to be a list/],
        [{ inputs: [{ ...input, name: "title" }] }, /name is "title"/],
        [{ inputs: [{ ...input, datatype: "FP32" }] }, /datatype is "FP32"/],
        [{ inputs: [{ ...input, data: "0001" }] }, /has to be a list of texts/],
        [{ inputs: [{ ...input, data: [1] }] }, /holds 1; isbn is of texts/],
        [{ inputs: [{ ...input, data: [] }] }, /data is empty/],
        [{ inputs: [{ ...input, shape: [2] }] }, /shape is \[2\]; for this data it has to be \[1\]/],
        [{ inputs: [input], outputs: [{ name: "isbn" }] }, /outputs names "isbn"/],
        [{ inputs: [input], id: 7 }, /id is 7/],
      ];
      for (const [request, reason] of cases) {
        const { status, body } = await post(JSON.stringify(request));
        assert.equal(status, 400, JSON.stringify(request));
        assert.match(String(body["error"]), reason);
      }
      const broken = await post('{"inputs":');
      assert.equal(broken.status, 400);
      assert.match(String(broken.body["error"]), /JSON/);
      for (const type of ["text/plain", "application/octet-stream", "application/x-www-form-urlencoded"]) {
        const request = { method: "POST", headers: { "content-type": type }, body: "{}" };
        assert.deepEqual(await ask("/v2/models/books/infer", request), {
          status: 415,
          body: { error: `The content type is "${type}"; send JSON with the header "content-type: application/json".` },
        });
      }
      const untyped = { method: "POST", body: new Blob(["{}"]) };
      assert.match(
        String((await ask("/v2/models/books/infer", untyped)).body["error"]),
        /has no content type; send JSON/,
      );
    });

    it("refuses a body that is too large", async () => {
      const { status, body } = await infer([..."x".repeat(2000)]);

      assert.equal(status, 413);
      assert.match(String(body["error"]), /too large/);
    });

    it("describes itself and knows no other model", async () => {
      assert.deepEqual((await ask("/v2")).body["name"], "serving");
      const { body } = await ask("/v2/models/books");
      assert.deepEqual(body["inputs"], [{ name: "isbn", datatype: "BYTES", shape: [-1] }]);
      assert.deepEqual((await ask("/v2/models/books/ready")).body, { name: "books", ready: true });
      assert.equal((await ask("/v2/models/films")).status, 404);
      assert.equal((await post("{}", "/v2/models/films/infer")).status, 404);
    });
  });

  describe("for people", () => {
    it("finds an item by id or by title, whatever the case, accents and remarks in brackets", async () => {
      for (const asked of ["000X", "000x", "emma", "ÉMMA", " Emma! "]) {
        const { status, body } = await ask(`/recommendations/${encodeURIComponent(asked)}`);
        assert.equal(status, 200, asked);
        assert.equal(body["item"], "000X", asked);
        assert.deepEqual(body["recommendations"], [{ item: "0001", title: "Harry Potter (Book 1)", score: 0.25 }]);
      }
    });

    it("takes the title as it stands before a shortened one", async () => {
      assert.equal((await ask("/recommendations/harry%20potter")).body["item"], "0002");
      assert.equal((await ask("/recommendations/Harry%20Potter%20(book%201)")).body["item"], "0001");
    });

    it("answers for the most read of several items with one title, and names the others", async () => {
      publish("second", modelFile({ ...FOUR_BOOKS, titles: ["Emma", "Emma", "Emma (Classics)", "Emma"] }));
      await until(async () => (await ask("/recommendations/0001")).body["title"] === "Emma");

      const { body } = await ask("/recommendations/emma");
      assert.deepEqual([body["item"], body["sameTitle"]], ["0002", ["0001", "0009"]]);
    });

    it("says that it knows nothing by a name, and what comes near", async () => {
      const { status, body } = await ask("/recommendations/potter");

      assert.equal(status, 404);
      assert.match(String(body["error"]), /"potter" is among the 4 items/);
      assert.deepEqual(body["didYouMean"], [
        { item: "0002", title: "Harry Potter" },
        { item: "0001", title: "Harry Potter (Book 1)" },
      ]);
    });

    it("names the data and the most read items", async () => {
      const { body } = await ask("/recommendations");

      assert.deepEqual(body["data"], { name: "Four books (four.csv)", file: "four.csv", sha256: "" });
      assert.deepEqual((body["popular"] as object[]).slice(0, 2), [
        { item: "0002", title: "Harry Potter", readers: 9 },
        { item: "0001", title: "Harry Potter (Book 1)", readers: 5 },
      ]);
    });

    it("answers an unknown path in JSON", async () => {
      assert.deepEqual(await ask("/nothing"), { status: 404, body: { error: "Nothing answers GET /nothing." } });
    });
  });

  describe("when the model changes", () => {
    it("serves the new one", async () => {
      publish("second", modelFile({ ...FOUR_BOOKS, titles: ["New", "", "", ""] }));

      await until(async () => (await ask("/recommendations/new")).status === 200);
      assert.match(await metrics(), /serving_model_loads_total\{result="loaded",model="books"\} 2/);
    });

    for (const [fault, damage] of Object.entries<(whole: Buffer) => Buffer>({
      "is cut off": (whole) => whole.subarray(0, whole.length - 5),
      "is empty": () => Buffer.alloc(0),
      "is something else": () => Buffer.from("a pickle, perhaps, of some length"),
      "has another format": () => modelFile({ ...FOUR_BOOKS, metadata: { format: "other/1" } }),
      "names an item it has not": () => modelFile({ ...FOUR_BOOKS, neighbours: [[[9, 0.5]], [], [], []] }),
      "has tensors that do not fit": () => modelFile({ ...FOUR_BOOKS, readers: [1] }),
    }))
      it(`keeps the one before where the new one ${fault}`, async () => {
        const version = server.version();
        publish("second", damage(modelFile(FOUR_BOOKS)));

        await until(async () => /serving_model_loads_total\{result="refused",model="books"\} 1/.test(await metrics()));
        assert.equal(server.version(), version);
        assert.equal((await ask("/v2/health/ready")).status, 200);
        assert.equal((await infer(["0001"])).status, 200);
      });
  });

  it("counts requests by route, not by what was asked", async () => {
    await ask("/recommendations/emma");
    await ask("/recommendations/0001");

    assert.match(
      await metrics(),
      /serving_request_duration_seconds_count\{[^}]*route="\/recommendations\/:asked",status="200"[^}]*\} 2/,
    );
  });

  it("ends without dropping a request: not ready first, connections closed after their answer", async () => {
    const agent = new Agent({ keepAlive: true });
    try {
      assert.equal((await keptAlive(agent, "/v2/health/ready")).status, 200);
      const ended = server.drain(200);

      assert.deepEqual(await keptAlive(agent, "/v2/health/ready"), { status: 503, connection: "close" });
      assert.deepEqual(await keptAlive(agent, "/recommendations/0001"), { status: 200, connection: "close" });
      await ended;
      await assert.rejects(keptAlive(agent, "/v2/health/live"), { code: "ECONNREFUSED" });
    } finally {
      agent.destroy();
    }
  });

  function keptAlive(agent: Agent, path: string): Promise<{ status?: number; connection?: string }> {
    return new Promise((resolve, reject) =>
      get(`${url}${path}`, { agent }, (answer) => {
        const { statusCode: status, headers } = answer;
        answer.resume().once("end", () => resolve({ status, connection: headers.connection }));
      }).once("error", reject),
    );
  }

  async function metrics(): Promise<string> {
    return (await fetch(`${url}/metrics`)).text();
  }
});

function output(name: string, datatype: string, data: unknown[]) {
  return { name, datatype, shape: [2, 10], data };
}

/** Waits for a condition; mocha's timeout ends the wait. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}
