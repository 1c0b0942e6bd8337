import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { configurationFile, namesBooksData, writeConfiguration } from "../../local/cli/stack-configuration";

const ratings = { name: "ratings.csv", file: "/data/ratings.csv", sha256: "ab".repeat(32) };

describe("Configuration of the local stack", () => {
  let folder: string;
  let stackFile: string;
  const written = () => parse(readFileSync(configurationFile(folder), "utf8")) as Record<string, unknown>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "configuration-"));
    stackFile = join(folder, "stack.yaml");
    writeFileSync(
      stackFile,
      "config:\n  recommender:platform:\n    sharedVolume:\n      kind: hostPath\n    maxGpus: 2\n  recommender:recommenders:\n    books:\n      shrink: 50\n",
    );
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  it("adds this machine's values and keeps those of the repository", () => {
    writeConfiguration(stackFile, folder, { sharedVolumePath: "/shared", ratings });

    assert.deepEqual(written(), {
      config: {
        "recommender:platform": { sharedVolume: { kind: "hostPath", path: "/shared" }, maxGpus: 2 },
        "recommender:recommenders": { books: { shrink: 50, data: ratings } },
      },
    });
  });

  it("keeps the salt of encrypted values when it is written again", () => {
    writeConfiguration(stackFile, folder, { sharedVolumePath: "/shared", ratings }, "v1:salt");
    writeConfiguration(stackFile, folder, { sharedVolumePath: "/elsewhere", ratings });

    assert.equal(written()["encryptionsalt"], "v1:salt");
  });

  it("leaves data alone that the stack file names", () => {
    writeFileSync(stackFile, "config:\n  recommender:recommenders:\n    books:\n      data:\n        name: ours\n");

    writeConfiguration(stackFile, folder, { sharedVolumePath: "/shared" });

    assert.equal(namesBooksData(stackFile), true);
    assert.deepEqual((written()["config"] as Record<string, unknown>)["recommender:recommenders"], {
      books: { data: { name: "ours" } },
    });
  });
});
