import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseRatings } from "../../local/cli/books-data";

describe("Ratings to train on", () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ratings-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  it("are those of BOOKS_DATA before those of the stack file", async () => {
    const file = join(folder, "mine.csv");
    writeFileSync(file, "abc");

    assert.deepEqual(await chooseRatings(file, true, folder), {
      name: "mine.csv",
      file,
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    });
  });

  it("are left to the stack file where it names them", async () => {
    assert.equal(await chooseRatings(undefined, true, folder), undefined);
  });

  it("are refused where BOOKS_DATA is no file, or an empty one", async () => {
    const empty = join(folder, "empty.csv");
    writeFileSync(empty, "");

    await assert.rejects(chooseRatings(join(folder, "gone.csv"), false, folder), /gone\.csv", which is no file\. Give/);
    await assert.rejects(chooseRatings(empty, false, folder), /empty\.csv", which is empty\. Give/);
  });
});
