import assert from "node:assert/strict";
import { booksTasks, dataKey, digests } from "../../../infra/recommender/books-tasks";
import { settingsOf } from "../../support/settings";

const { books } = settingsOf("dev").recommenders;
const source = "s3://bucket/books/key/BX-CSV-Dump.zip";
const plans = booksTasks(books, source);
const always = () => "tag";

function changedBy(other: ReturnType<typeof digests>): string[] {
  const before = digests(plans, always);
  return [...before].filter(([task, digest]) => other.get(task) !== digest).map(([task]) => task);
}

describe("The books tasks", () => {
  it("download, prepare, then train three times side by side", () => {
    assert.deepEqual(
      plans.map(({ task, needs }) => [task, needs]),
      [
        ["download-dataset", []],
        ["prepare-dataset", ["download-dataset"]],
        ["recommender-scikit", ["prepare-dataset"]],
        ["recommender-pytorch", ["prepare-dataset"]],
        ["recommender-scikit-gpu-node", ["prepare-dataset"]],
      ],
    );
  });

  it("ask for a GPU in the two tasks of the GPU pool and nowhere else", () => {
    assert.deepEqual(
      plans.filter(({ gpus, pool }) => gpus > 0 || pool === "gpu").map(({ task, gpus, pool }) => [task, gpus, pool]),
      [
        ["recommender-pytorch", 1, "gpu"],
        ["recommender-scikit-gpu-node", 1, "gpu"],
      ],
    );
  });

  it("are told what to do by arguments alone", () => {
    const argsOf = (task: string) => plans.find((plan) => plan.task === task)?.args.join(" ");

    assert.equal(
      argsOf("download-dataset"),
      `--source ${source} --sha256 ${books.data.sha256} --fname BX-CSV-Dump.zip --cachedir /mnt/nfs/data --cachesubdir datasets`,
    );
    assert.equal(argsOf("prepare-dataset"), "prepare --datadir /mnt/nfs/data/datasets");
    assert.equal(
      argsOf("recommender-pytorch"),
      "neighbours --engine torch --task recommender-pytorch --datadir /mnt/nfs/data/datasets --shrink 100 --neighbours 200",
    );
  });

  it("write a file of their own each", () => {
    assert.equal(new Set(plans.map(({ task }) => task)).size, plans.length);
  });

  it("all run again for other data", () => {
    const data = { ...books.data, sha256: "f".repeat(64) };

    assert.equal(changedBy(digests(booksTasks({ ...books, data }, source), always)).length, 5);
  });

  it("run again only behind what changed", () => {
    const shrink = digests(booksTasks({ ...books, shrink: 50 }, source), always);
    const gpuImage = digests(plans, (image) => (image === "books-gpu" ? "new" : "tag"));

    assert.deepEqual(changedBy(shrink), ["recommender-scikit", "recommender-pytorch", "recommender-scikit-gpu-node"]);
    assert.deepEqual(changedBy(gpuImage), ["recommender-pytorch"]);
  });

  it("do not run again for what is not theirs", () => {
    const more = { ...books, serving: { ...books.serving, replicas: 9 }, nfsAccess: true, timeoutMinutes: 5 };

    assert.deepEqual(changedBy(digests(booksTasks(more, source), always)), []);
  });

  it("find other bytes under another key", () => {
    assert.equal(dataKey({ file: "/a/b/BX.zip", sha256: "ab" }), "books/ab/BX.zip");
  });
});
