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
  checkGivenRatings(booksData);
  const file = resolve(booksData);
  return { name: basename(file), file, sha256: sha256OfFile(file) };
}

/** @throws Error where the value of BOOKS_DATA names no file, or an empty one. */
export function checkGivenRatings(booksData: string): void {
  const file = resolve(booksData);
  if (!existsSync(file) || !statSync(file).isFile()) {
    throw new Error(`BOOKS_DATA names "${booksData}", which is no file. Give the path of a ratings file or zip.`);
  }
  if (statSync(file).size === 0) {
    throw new Error(`BOOKS_DATA names "${booksData}", which is empty. Give a file with ratings in it.`);
  }
}
