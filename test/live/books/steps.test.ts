import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Buildah } from "../../../images/buildah";
import { type ImageName, imageTag } from "../../../images/tags";
import { buildLocalImages } from "../../../local/images/local-images";
import { cacheDirectory, freePorts } from "../../../local/instance";
import { waitUntil } from "../../../local/wait-until";
import { ensureDebianPackages } from "../../../local/toolchain/ensure-tools";
import { BooksModel } from "../../../services/serving/books/model";
import { publishVersion } from "../../support/published-models";
import { FakeBucket } from "../../support/fake-bucket";

const ARCHIVE =
  process.env["BOOKS_DATA"] ?? resolve(__dirname, "../../../../shared/data/book-crossing/BX-CSV-Dump.zip");
const IMAGES = ["books-fetch", "books-cpu", "books-gpu", "serving"] as const satisfies readonly ImageName[];
const DATADIR = "/mnt/nfs/data/datasets";
const TRAINING = ["neighbours", "--datadir", DATADIR, "--calls", "20"];

/** The images' own programs as their user, one after the other on one directory: the pipeline without a cluster. */
describe("Images of the books steps", function () {
  this.timeout("20m");
  const buildah = new Buildah("buildah", join(cacheDirectory(), "images", "storage"));
  const containers = new Map<ImageName, string>();
  let volume: string;
  const datadir = () => join(volume, "data", "datasets");

  before(async function () {
    if (!existsSync(ARCHIVE)) return this.skip();
    await ensureDebianPackages(() => undefined);
    await buildLocalImages(cacheDirectory(), "buildah", (line) => console.log(`      ${line}`), IMAGES);
    volume = mkdtempSync(join(tmpdir(), "volume-"));
    chmodSync(volume, 0o777);
    for (const image of IMAGES)
      containers.set(
        image,
        (await buildah.run(["from", `localhost/${image}:${imageTag(image)}`])).trim().split("\n").at(-1)!,
      );
  });

  after(async () => {
    for (const container of containers.values()) await buildah.run(["rm", container]);
    if (volume) rmSync(volume, { recursive: true });
  });

  const step = async (image: ImageName, args: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    const container = containers.get(image)!;
    const { OCIv1 } = JSON.parse(await buildah.run(["inspect", container])) as Inspected;
    assert.equal(OCIv1.config.User, "65532:65532");
    const variables = Object.entries(env).flatMap(([name, value]) => ["--env", `${name}=${value}`]);
    const mounts = ["--volume", `${volume}:/mnt/nfs`, "--volume", `${ARCHIVE}:/source:ro`];
    const lines: string[] = [];
    const options = ["run", "--isolation", "chroot", ...mounts, ...variables, container, "--"];
    const ended = buildah.run([...options, ...OCIv1.config.Entrypoint, ...args], (line) => lines.push(line));
    return { ended, lines };
  };
  const succeed = async (image: ImageName, args: readonly string[]) => {
    const { ended, lines } = await step(image, args, { NODE_NAME: "node-1" });
    await ended;
    return JSON.parse(lines.at(-1)!) as Record<string, unknown>;
  };

  it("downloads what has the right digest, and nothing else", async () => {
    const sha256 = createHash("sha256").update(readFileSync(ARCHIVE)).digest("hex");
    const place = ["--cachedir", "/mnt/nfs/data", "--cachesubdir", "datasets"];
    const args = ["--source", "file:///source", "--fname", "BX-CSV-Dump.zip", ...place];

    await assert.rejects((await step("books-fetch", [...args, "--sha256", "0".repeat(64)])).ended, new RegExp(sha256));
    assert.equal((await succeed("books-fetch", [...args, "--sha256", sha256]))["node"], "node-1");
    assert.ok(existsSync(join(datadir(), "BX-Book-Ratings.csv")));
  });

  it("prepares within 256 MiB", async () => {
    const report = await succeed("books-cpu", ["prepare", "--datadir", DATADIR]);

    assert.ok((report["peakMemoryBytes"] as number) <= 256 * 2 ** 20, String(report["peakMemoryBytes"]));
  });

  it("trains by either library to the same table, and says where it ran", async () => {
    const cpu = await succeed("books-cpu", [...TRAINING, "--engine", "scikit", "--task", "recommender-scikit"]);
    const gpu = await succeed("books-gpu", [...TRAINING, "--engine", "torch", "--task", "recommender-pytorch"]);

    assert.equal(cpu["device"], "CPU");
    assert.equal(gpu["device"], "no GPU: CPU device");
    const [ours, theirs] = await Promise.all(
      ["recommender-scikit", "recommender-pytorch"].map((task) => modelOf(datadir(), task)),
    );
    for (let item = 0; item < ours!.size; item++)
      assert.deepEqual(ours!.neighboursOf(item, 10), theirs!.neighboursOf(item, 10));
    // The libraries' own queries are in 32-bit floats of their own order of addition.
    for (const [at, score] of scores(cpu).entries()) assert.ok(Math.abs(score - scores(gpu)[at]!) <= 1e-5);
    assert.equal(scores(cpu).length, scores(gpu).length);
  });

  it("serves the model within a few seconds of starting", async () => {
    const [port = 0] = await freePorts(1);
    const url = `http://127.0.0.1:${port}`;
    const bucket = await FakeBucket.start();
    const model = readFileSync(join(datadir(), "models", "recommender-scikit.safetensors"));
    publishVersion(bucket, "books", "trained", model);
    const env = { ...bucket.environment, HOST: "127.0.0.1", PORT: String(port) };
    const pidFile = join(volume, "pid");
    // The program tells its process, so that the test ends it and nothing else.
    writeFileSync(join(volume, "pid.cjs"), 'require("fs").writeFileSync("/mnt/nfs/pid", String(process.pid));');
    const { ended } = await step("serving", [], { ...env, NODE_OPTIONS: "--require=/mnt/nfs/pid.cjs" });
    try {
      const ready = () =>
        fetch(`${url}/v2/health/ready`).then(
          ({ ok }) => ok,
          () => false,
        );
      assert.ok(await waitUntil(ready, 30_000), "the service is ready");
      const answer = await fetch(`${url}/recommendations`);
      assert.equal(answer.status, 200);
      const { popular } = (await answer.json()) as { popular: { item: string }[] };
      const { recommendations } = (await (await fetch(`${url}/recommendations/${popular[0]!.item}`)).json()) as {
        recommendations: unknown[];
      };
      assert.equal(recommendations.length, 10);
    } finally {
      process.kill(Number(readFileSync(pidFile, "utf8")), "SIGTERM");
      await ended;
      await bucket.stop();
    }
  });

  it("refuses a damaged file in one sentence and leaves the model", async () => {
    const model = join(datadir(), "models", "recommender-scikit.safetensors");
    const before = statSync(model).mtimeMs;
    writeFileSync(join(datadir(), "BX-Book-Ratings.csv"), '"User-ID";"ISBN";"Book-Rating"\r\n"1";"a";"7"\r\n"2";"a');

    const { ended, lines } = await step("books-cpu", ["prepare", "--datadir", DATADIR]);
    await assert.rejects(ended);
    const sentence = "BX-Book-Ratings.csv row 3: the file ends in the middle of a row, so it was cut off.";
    assert.ok(lines.includes(sentence), lines.join("\n"));
    assert.equal(statSync(model).mtimeMs, before);
  });
});

interface Inspected {
  readonly OCIv1: { readonly config: { readonly User: string; readonly Entrypoint: readonly string[] } };
}

function modelOf(datadir: string, task: string): Promise<BooksModel> {
  const file = readFileSync(join(datadir, "models", `${task}.safetensors`));
  return BooksModel.load({ version: "test", file, metrics: {}, training: {} });
}

/** Scores of the answers to the three timed queries, in order. */
function scores(report: Record<string, unknown>): number[] {
  return (report["queries"] as { answers: { score: number }[] }[]).flatMap((query) =>
    query.answers.map(({ score }) => score),
  );
}
