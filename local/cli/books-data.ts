import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { defaultRatings, type RatingsFile, sha256OfFile } from "../data/default-ratings";

/** Value of BOOKS_DATA by which a start goes back from a file that was given earlier. */
export const DEFAULT_DATA = "default";

/** A file of ratings that somebody asked for. */
export interface WantedRatings {
  /** Undefined for the data of the stack file, or MovieLens 100k. */
  readonly file?: string;
  /** Whether it was asked for by an earlier start. */
  readonly earlier: boolean;
}

/**
 * The ratings that are asked for: by `BOOKS_DATA`, else by the last start that deployed a file of its own.
 * @throws Error where the file is gone, or empty.
 */
export function wantedRatings(booksData: string | undefined, stateDir: string): WantedRatings {
  if (booksData === DEFAULT_DATA) return { earlier: false };
  if (booksData) {
    checkRatings(booksData, `BOOKS_DATA names "${booksData}"`, "Give the path of a ratings file or zip.");
    return { file: resolve(booksData), earlier: false };
  }
  const memory = memoryOf(stateDir);
  if (!existsSync(memory)) return { earlier: false };
  const file = readFileSync(memory, "utf8");
  checkRatings(
    file,
    `The last start was given "${file}"`,
    `Bring it back, give another with BOOKS_DATA=<file>, or go back with BOOKS_DATA=${DEFAULT_DATA}.`,
  );
  return { file, earlier: true };
}

/** Keeps what was deployed for the starts to come. */
export function rememberRatings(stateDir: string, { file }: WantedRatings): void {
  if (file === undefined) rmSync(memoryOf(stateDir), { force: true });
  else writeFileSync(memoryOf(stateDir), file, { mode: 0o600 });
}

/**
 * The ratings this machine trains on: the file that is asked for, else what the stack file names (undefined here), else
 * MovieLens 100k.
 */
export async function chooseRatings(
  { file }: WantedRatings,
  stackNamesData: boolean,
  cacheDir: string,
): Promise<RatingsFile | undefined> {
  if (file !== undefined) return { name: basename(file), file, sha256: sha256OfFile(file) };
  return stackNamesData ? undefined : defaultRatings(cacheDir);
}

function memoryOf(stateDir: string): string {
  return join(stateDir, "books-data");
}

function checkRatings(file: string, who: string, remedy: string): void {
  if (!existsSync(file) || !statSync(file).isFile()) throw new Error(`${who}, which is no file. ${remedy}`);
  if (statSync(file).size === 0) throw new Error(`${who}, which is empty. ${remedy}`);
}
