import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Rows of the whole original Book-Crossing, of which the archive holds a part. */
const RATINGS = 1_149_780;
const ZEROS = 716_109;
const BOOKS = 271_379;
/** Zeros among the ratings of the archive. */
const ZEROS_THERE = 24_157;

/**
 * Fills the files of the archive up to the original's size with rows that change no result: implicit and low ratings
 * by users of their own, and books that nobody rated. The same rows every time.
 */
export function fillUp(directory: string): void {
  const random = generator(7);
  const digits = (count: number) => String(Math.floor(random() * 10 ** count)).padStart(count, "0");
  const zeros = ZEROS - ZEROS_THERE;
  append(join(directory, "BX-Book-Ratings.csv"), RATINGS, (_, at) => {
    const value = at < zeros ? 0 : 1 + Math.floor(random() * 5);
    return `"${1_000_000 + Math.floor(random() * 224_522)}";"${digits(10)}";"${value}"`;
  });
  append(join(directory, "BX-Books.csv"), BOOKS, (rows, at) => {
    const like = rows[at % rows.length] ?? "";
    return `"B${String(at).padStart(9, "0")}${like.slice(like.indexOf('";"'))}`;
  });
}

function append(file: string, wanted: number, make: (rows: readonly string[], at: number) => string): void {
  const lines = readFileSync(file, "latin1").split("\r\n");
  const rows = lines.slice(1, -1);
  const more = Array.from({ length: wanted - rows.length }, (_, at) => make(rows, at));
  writeFileSync(file, [lines[0], ...rows, ...more, ""].join("\r\n"), "latin1");
}

/** Numbers from 0 to 1 that look random; mulberry32. */
function generator(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
