import { existsSync, statSync } from "node:fs";
import { basename, resolve } from "node:path";
import { defaultRatings, type RatingsFile, sha256OfFile } from "../data/default-ratings";

/**
 * The ratings this machine trains on: `BOOKS_DATA=<file>`, else what the stack file names (undefined here), else
 * MovieLens 100k.
 * @throws Error where BOOKS_DATA names no readable, non-empty file.
 */
export async function chooseRatings(
  booksData: string | undefined,
  stackNamesData: boolean,
  cacheDir: string,
): Promise<RatingsFile | undefined> {
  if (booksData) return givenRatings(booksData);
  return stackNamesData ? undefined : defaultRatings(cacheDir);
}

function givenRatings(booksData: string): RatingsFile {
  const file = resolve(booksData);
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new Error(`BOOKS_DATA names "${booksData}", which is no file. Give the path of a ratings file or zip.`);
  }
  if (statSync(file).size === 0) {
    throw new Error(`BOOKS_DATA names "${booksData}", which is empty. Give a file with ratings in it.`);
  }
  return { name: basename(file), file, sha256: sha256OfFile(file) };
}
