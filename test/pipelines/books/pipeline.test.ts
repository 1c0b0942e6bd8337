import assert from "node:assert/strict";
import { EXAMPLE as ARGS } from "../../../pipelines/books/example";
import { books, type BooksArgs } from "../../../pipelines/books/pipeline";
import { compile } from "../../../pipelines/sdk/compile";
import { parts } from "../support/compiled";

const TRAININGS = ["recommender-scikit", "recommender-pytorch", "recommender-scikit-gpu-node"];
const PUBLISHED = ["download-dataset", "prepare-dataset", ...TRAININGS];

describe("The books pipeline", () => {
  const compiled = compile(books(ARGS));
  const { tasks, all, container, platform } = parts(compiled);
  const producers = (task: string) => [...(tasks[task]?.dependentTasks ?? [])].sort();

  it("has the five published tasks in their order, then judges, then publishes", () => {
    assert.deepEqual(Object.keys(tasks).sort(), [...PUBLISHED, "condition-1", "evaluate", "gate"].sort());
    assert.deepEqual(producers("download-dataset"), []);
    assert.deepEqual(producers("prepare-dataset"), ["download-dataset"]);
    for (const training of TRAININGS) assert.deepEqual(producers(training), ["prepare-dataset"]);
    assert.deepEqual(producers("evaluate"), [...TRAININGS, "prepare-dataset"].sort());
    assert.deepEqual(producers("gate"), ["evaluate"]);
  });

  it("publishes only what passed the gate", () => {
    const { triggerPolicy } = tasks["condition-1"]!;

    assert.match(triggerPolicy?.condition ?? "", /gate--passed.* == true/);
    assert.ok(!("publish" in tasks) && "publish" in all);
  });

  it("has the published names, files and parameters", () => {
    assert.equal(compiled.displayName, "Book Recommendation Engine");
    const { parameters = {} } = all["download-dataset"]!.inputs!;
    const constants = Object.fromEntries(
      Object.entries(parameters).map(([name, value]) => [
        name,
        (value as { runtimeValue: { constant: unknown } }).runtimeValue.constant,
      ]),
    );
    assert.deepEqual(constants, {
      fname: "BX-CSV-Dump.zip",
      origin: "s3://data/books.zip",
      sha256: "a".repeat(64),
      extract: true,
      cachedir: "/mnt/nfs/data",
      cachesubdir: "datasets",
    });
    assert.deepEqual(Object.keys(all["prepare-dataset"]!.inputs?.parameters ?? {}), ["datadir"]);
    for (const training of TRAININGS) assert.ok("picklefile" in all[training]!.inputs!.parameters!);
    for (const task of [...PUBLISHED, "evaluate"]) assert.equal(platform(task).pvcMount?.[0]?.mountPath, "/mnt/nfs");
  });

  it("asks for a GPU in two tasks, and lets no other onto such a node", () => {
    for (const task of Object.keys(all).filter((name) => !name.startsWith("condition"))) {
      const onGpu = task === "recommender-pytorch" || task === "recommender-scikit-gpu-node";
      const { accelerator } = (container(task).resources ?? {}) as { accelerator?: { resourceCount: string } };
      assert.equal(accelerator?.resourceCount, onGpu ? "1" : undefined, task);
      assert.deepEqual(platform(task).nodeSelector?.labels, { pool: onGpu ? "gpu" : "cpu" }, task);
      assert.equal(platform(task).tolerations?.[0]?.key, onGpu ? "nvidia.com/gpu" : undefined, task);
    }
  });

  it("lets two trainings by one library write two files", () => {
    const task = (name: string) => JSON.stringify(all[name]!.inputs!.parameters!["task"]);
    assert.notEqual(task("recommender-scikit"), task("recommender-scikit-gpu-node"));
    assert.match(task("recommender-scikit-gpu-node"), /recommender-scikit-gpu-node/);
  });

  it("hands keys and a way out to the steps that use them, and caches what depends on its inputs alone", () => {
    const outside = ["download-dataset", "gate", "publish"];
    for (const task of [...PUBLISHED, "evaluate", "gate", "publish"]) {
      assert.equal(platform(task).secretAsEnv !== undefined, outside.includes(task), task);
      const cached = all[task]!.cachingOptions?.enableCache === true;
      assert.equal(cached, task !== "gate" && task !== "publish", task);
    }
  });

  it("is another version with another image, parameter or threshold, and the same with the same", () => {
    const digest = (change: Partial<BooksArgs>) => compile(books({ ...ARGS, ...change })).digest;

    assert.equal(digest({}), compiled.digest);
    const changes: Partial<BooksArgs>[] = [
      { images: { ...ARGS.images, cpu: "registry/books-cpu:9" } },
      { shrink: 50 },
      { gate: { ...ARGS.gate, floor: 0.06 } },
      { data: { ...ARGS.data, sha256: "b".repeat(64) } },
    ];
    for (const change of changes) assert.notEqual(digest(change), compiled.digest, JSON.stringify(change));
  });
});
