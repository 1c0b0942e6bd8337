import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chooseRatings, rememberRatings, wantedRatings } from "../../local/cli/books-data";

describe("Ratings to train on", () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "ratings-"))));
  afterEach(() => rmSync(folder, { recursive: true }));

  const mine = () => {
    const file = join(folder, "mine.csv");
    writeFileSync(file, "abc");
    return file;
  };

  it("are those of BOOKS_DATA before those of the stack file", async () => {
    const file = mine();

    assert.deepEqual(await chooseRatings(wantedRatings(file, folder), true, folder), {
      name: "mine.csv",
      file,
      sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    });
  });

  it("are left to the stack file where it names them", async () => {
    assert.equal(await chooseRatings(wantedRatings(undefined, folder), true, folder), undefined);
  });

  it("stay those of the last start that deployed a file, until another or the default is asked for", () => {
    const file = mine();
    rememberRatings(folder, { file, earlier: false });

    assert.deepEqual(wantedRatings(undefined, folder), { file, earlier: true });
    assert.deepEqual(wantedRatings("", folder), { file, earlier: true });
    assert.deepEqual(wantedRatings("default", folder), { earlier: false });

    rememberRatings(folder, wantedRatings("default", folder));
    assert.deepEqual(wantedRatings(undefined, folder), { earlier: false });
  });

  it("are missed where the file of the last start is gone, with the way back", () => {
    const file = mine();
    rememberRatings(folder, { file, earlier: false });
    rmSync(file);

    assert.throws(
      () => wantedRatings(undefined, folder),
      /The last start was given ".*mine\.csv", which is no file\. Bring it back, .* BOOKS_DATA=default/,
    );
  });

  it("are refused where BOOKS_DATA is no file, or an empty one", () => {
    const empty = join(folder, "empty.csv");
    writeFileSync(empty, "");

    assert.throws(() => wantedRatings(join(folder, "gone.csv"), folder), /gone\.csv", which is no file\. Give/);
    assert.throws(() => wantedRatings(empty, folder), /empty\.csv", which is empty\. Give/);
  });
});
