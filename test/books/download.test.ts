import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { download, type DownloadOptions } from "../../pipelines/books/steps/download/download";
import { zip } from "./support/zip-files";

const BOOKS = zip([
  { name: "BX-Books.csv", content: "head\r\none\r\n" },
  { name: "in/a/folder/BX-Book-Ratings.csv", content: "head\r\n1\r\n2" },
]);

describe("The download step", () => {
  let cachedir: string;
  const datasets = () => join(cachedir, "datasets");
  const source = (content: Buffer | string) => {
    const file = join(cachedir, "source");
    writeFileSync(file, content);
    return file;
  };
  const run = (sources: readonly string[], sha256: string, options: Partial<DownloadOptions> = {}) =>
    download(
      { fname: "data.zip", ...options, sources, sha256, cachedir, cachesubdir: "datasets", task: "download-dataset" },
      () => undefined,
    );
  const refused = async (content: Buffer, message: RegExp, limits?: Limits) => {
    await assert.rejects(run([source(content)], digest(content), { limits }), { message });
    assert.deepEqual(existsSync(datasets()) ? readdirSync(datasets()) : [], [], "nothing is left behind");
  };

  beforeEach(() => (cachedir = mkdtempSync(join(tmpdir(), "download-"))));
  afterEach(() => rmSync(cachedir, { recursive: true, force: true }));

  it("unpacks the files of an archive and counts their rows", async () => {
    const report = await run([source(BOOKS)], digest(BOOKS));

    const files = [
      { name: "BX-Books.csv", bytes: 11, rows: 2 },
      { name: "BX-Book-Ratings.csv", bytes: 10, rows: 3 },
    ];
    assert.deepEqual(report.data, { name: "data.zip", sha256: digest(BOOKS), bytes: BOOKS.length, files });
    assert.deepEqual(readJson(datasets(), "dataset.json"), report.data);
    assert.deepEqual(readJson(datasets(), "reports/download-dataset.json"), JSON.parse(JSON.stringify(report)));
    assert.deepEqual(readdirSync(datasets()).sort(), [
      "BX-Book-Ratings.csv",
      "BX-Books.csv",
      "data.zip",
      "dataset.json",
      "reports",
    ]);
  });

  it("takes a file that is no archive as it is", async () => {
    const table = "user\tmovie\n1\t2\n";
    const report = await run([source(table)], digest(table), { fname: "movielens100k.tab" });

    assert.deepEqual(report.data.files, [{ name: "movielens100k.tab", bytes: table.length, rows: 2 }]);
    assert.equal(readFileSync(join(datasets(), "movielens100k.tab"), "utf8"), table);
  });

  it("names both sums where the bytes are other ones, and keeps the data of before", async () => {
    await run([source(BOOKS)], digest(BOOKS));
    const before = readFileSync(join(datasets(), "dataset.json"));
    const wanted = "0".repeat(64);

    const other = source("other");
    await assert.rejects(run([other], wanted), (error: Error) => {
      assert.match(error.message, new RegExp(digest("other")));
      assert.match(error.message, new RegExp(wanted));
      return true;
    });
    assert.deepEqual(readFileSync(join(datasets(), "dataset.json")), before);
    assert.ok(existsSync(join(datasets(), "BX-Books.csv")));
  });

  it("leaves an archive packed where that is wanted", async () => {
    const { data } = await run([source(BOOKS)], digest(BOOKS), { extract: false });

    assert.deepEqual(
      data.files.map(({ name }) => name),
      ["data.zip"],
    );
  });

  it("gives each data a folder of their own where that is wanted, and keeps the newest few", async () => {
    const folders: string[] = [];
    for (const content of ["one", "two", "three", "four", "one"]) {
      const { directory } = await run([source(content)], digest(content), { folderPerChecksum: true });
      assert.equal(directory, join(datasets(), digest(content)));
      assert.equal(readFileSync(join(directory, "data.zip"), "utf8"), content);
      folders.push(directory);
      // What later steps and people put there stays, and is none of them.
      writeFileSync(join(datasets(), "note.txt"), "x");
    }

    assert.equal(readdirSync(datasets()).length, 4);
    for (const content of ["one", "three", "four"]) assert.ok(existsSync(join(datasets(), digest(content))), content);
    assert.ok(existsSync(join(datasets(), "note.txt")));
  });

  it("goes on to the next mirror, and says of each why it did not serve", async () => {
    const right = source(BOOKS);
    const report = await run([join(cachedir, "absent"), right], digest(BOOKS));
    assert.equal(report.source, right);

    rmSync(datasets(), { recursive: true });
    await assert.rejects(run([join(cachedir, "absent"), "ftp://host/x"], digest(BOOKS)), {
      message: /absent: ENOENT.*; ftp:\/\/host\/x: A source begins with s3:/,
    });
  });

  it("removes what the data of before had and these have not", async () => {
    await run([source(BOOKS)], digest(BOOKS));
    await run([source("a\n")], digest("a\n"), { fname: "movielens100k.tab" });

    assert.deepEqual(readdirSync(datasets()).sort(), ["dataset.json", "movielens100k.tab", "reports"]);
  });

  it("fetches nothing again while the verified file is there", async () => {
    const file = source(BOOKS);
    await run([file], digest(BOOKS));
    rmSync(file);

    assert.equal((await run([file], digest(BOOKS))).source, join(datasets(), "data.zip"));
  });

  it("refuses archives that are cut off or damaged", async () => {
    await refused(BOOKS.subarray(0, BOOKS.length - 30), /^data\.zip cannot be unpacked: .*central directory/i);
    await refused(zip([{ name: "a.csv", content: "abc", crc: 1 }]), /the checksum of a\.csv is wrong\.$/);
    const torn = Buffer.from(zip([{ name: "a.csv", content: "abc".repeat(1000) }]));
    torn.fill(0xff, 35, 45);
    await refused(torn, /^data\.zip cannot be unpacked: /);
    await refused(zip([]), /it holds no file\.$/);
  });

  it("refuses archives that lead out of the folder", async () => {
    await refused(zip([{ name: "../evil.csv", content: "x" }]), /invalid relative path/);
    await refused(zip([{ name: "/etc/evil.csv", content: "x" }]), /absolute path/);
    await refused(zip([{ name: "link.csv", content: "/etc/passwd", mode: 0o120777 }]), /link\.csv is a link/);
    await refused(
      zip([
        { name: "a/x.csv", content: "1" },
        { name: "b/x.csv", content: "2" },
      ]),
      /it holds x\.csv twice/,
    );
  });

  it("refuses archives made to fill a disk", async () => {
    const limits = { entries: 2, totalBytes: 5000, ratio: 20 };
    await refused(
      zip([{ name: "bomb.csv", content: Buffer.alloc(4000) }]),
      /bomb\.csv unpacks from \d+ to 4000 bytes/,
      limits,
    );
    await refused(zip([{ name: "a.csv", content: noise(6000) }]), /more than 5000 bytes/, limits);
    await refused(zip(["a", "b", "c"].map((name) => ({ name, content: "x" }))), /3 entries and 2 are allowed/, limits);
  });

  it("refuses an empty file, a digest that is none and a name that is a path", async () => {
    await assert.rejects(run([source("")], digest(""), { fname: "x.tab" }), { message: "x.tab is empty." });
    await assert.rejects(run(["x"], "abc"), { message: /--sha256 "abc"/ });
    await assert.rejects(run(["x"], digest(""), { fname: "../x" }), { message: /--fname "\.\.\/x"/ });
    await assert.rejects(run([], digest("")), { message: /No --source/ });
  });

  describe("over HTTP", () => {
    let server: Server;
    let url: string;
    const asked: IncomingMessage[] = [];
    before(async () => {
      server = createServer((request, response) => {
        asked.push(request);
        if (request.url === "/cut") {
          response.writeHead(200, { "content-length": BOOKS.length }).write(BOOKS.subarray(0, 20));
          setImmediate(() => response.destroy());
        } else if (/^\/bucket\/books\.zip|^\/books\.zip/.test(request.url ?? "")) response.end(BOOKS);
        else response.writeHead(404).end("no such thing");
      });
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => server.close());

    it("reads a URL, and hides what its query holds", async () => {
      assert.equal((await run([`${url}/books.zip`], digest(BOOKS))).data.bytes, BOOKS.length);
      await assert.rejects(run([`${url}/gone?signature=hidden`], "0".repeat(64)), (error: Error) => {
        assert.match(error.message, /\/gone: the server answered 404 Not Found/);
        assert.doesNotMatch(error.message, /hidden/);
        return true;
      });
    });

    it("notices a connection that ends early", async () => {
      await assert.rejects(run([`${url}/cut`], digest(BOOKS)), { message: /\/cut: \S/ });
    });

    it("reads an object with the keys of its environment", async () => {
      const environment = {
        AWS_ENDPOINT_URL_S3: url,
        AWS_REGION: "fr-par",
        AWS_ACCESS_KEY_ID: "access",
        AWS_SECRET_ACCESS_KEY: "secret",
      };
      const before = { ...process.env };
      Object.assign(process.env, environment);
      try {
        await run(["s3://bucket/books.zip"], digest(BOOKS));
        assert.match(asked.at(-1)?.headers.authorization ?? "", /^AWS4-HMAC-SHA256 Credential=access\/\d+\/fr-par\/s3/);
        await assert.rejects(run(["s3://bucket/other"], "1".repeat(64)), { message: /s3:\/\/bucket\/other: \S/ });
      } finally {
        for (const name of Object.keys(environment)) delete process.env[name];
        Object.assign(process.env, before);
      }
    });
  });
});

interface Limits {
  entries: number;
  totalBytes: number;
  ratio: number;
}

function digest(content: Buffer | string): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Bytes that do not pack, the same every time. */
function noise(bytes: number): Buffer {
  return Buffer.concat(
    Array.from({ length: bytes / 32 + 1 }, (_, at) => createHash("sha256").update(`${at}`).digest()),
  ).subarray(0, bytes);
}

function readJson(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}
