import { createReadStream } from "node:fs";
import { copyFile, mkdir, mkdtemp, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract, isZip, LIMITS, RowMeter, type DataFile, type Limits } from "./extract";
import { contentOf, fetchVerified } from "./fetch-verified";
import { StepError } from "../../../components/program/step-error";

export interface DownloadOptions {
  /** Mirrors, tried in order. */
  readonly sources: readonly string[];
  /** Digest of the right bytes, 64 hexadecimal digits. */
  readonly sha256: string;
  /** Name of the downloaded file; the last part of the first source where empty. */
  readonly fname: string;
  /** Whether a zip archive is unpacked. @default true */
  readonly extract?: boolean;
  readonly cachedir: string;
  readonly cachesubdir: string;
  /**
   * Whether the data get a folder of their own, named by their digest: then data that are whole but of no use leave those
   * before them, and what was made of these, as they are. The newest few such folders stay. @default false
   */
  readonly folderPerChecksum?: boolean;
  readonly task: string;
  readonly limits?: Limits;
}

/** What is in the directory and where it comes from; the next step reads it. */
export interface Manifest {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly files: readonly DataFile[];
}

/** Written last: while it is the old one, the old data count. */
export const MANIFEST_FILE = "dataset.json";

/** Folders of data that stay on the volume: that of a run beside this one, and one to go back to. */
const KEPT_FOLDERS = 3;

/**
 * Brings the data into `<cachedir>/<cachesubdir>`, or a folder in it: fetched, verified, unpacked, in place by renames.
 * @returns the report, also written to `reports/<task>.json` there (times in seconds, sizes in bytes)
 * @throws StepError; whatever was there before is then still there, untouched.
 */
export async function download(options: DownloadOptions, log: (line: string) => void) {
  const started = new Date();
  const { sources, fname, sha256 } = checked(options);
  const parent = join(options.cachedir, options.cachesubdir);
  const directory = options.folderPerChecksum ? join(parent, sha256) : parent;
  await mkdir(directory, { recursive: true });
  const work = await mkdtemp(join(directory, ".download-"));
  try {
    const fetched = join(work, fname);
    const source = await obtain({ ...options, sources, sha256 }, join(directory, fname), fetched, log);
    const unpacked = join(work, "files");
    await mkdir(unpacked);
    const files =
      (options.extract ?? true) && (await isZip(fetched))
        ? await extract(fetched, unpacked, options.limits ?? LIMITS)
        : [await countedRows(fetched)];
    const manifest: Manifest = { name: fname, sha256, bytes: (await contentOf(fetched)).bytes, files };
    await replace(directory, work, manifest);
    const report = {
      task: options.task,
      kind: "download",
      node: process.env["NODE_NAME"] ?? "",
      startedAt: started.toISOString(),
      seconds: (Date.now() - started.getTime()) / 1000,
      // Node counts it in KiB.
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      source,
      directory,
      data: manifest,
    };
    await mkdir(join(directory, "reports"), { recursive: true });
    await writeWhole(join(directory, "reports", `${options.task}.json`), work, report);
    if (options.folderPerChecksum) await removeOldest(parent, sha256);
    return report;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function checked({ sources, sha256, fname }: DownloadOptions) {
  const [first] = sources;
  if (first === undefined) throw new StepError("No --source is given; name at least one.");
  if (!/^[0-9a-f]{64}$/i.test(sha256)) throw new StepError(`--sha256 "${sha256}" is not 64 hexadecimal digits.`);
  const name = fname || basename(first.replace(/[?#].*$/, ""));
  if (name !== basename(name) || name === "" || name.startsWith("."))
    throw new StepError(`--fname "${name}" is no plain file name.`);
  return { sources, fname: name, sha256: sha256.toLowerCase() };
}

/** The verified file at `target`: the one of an earlier run where it is still whole, else fetched. */
async function obtain(
  { sources, sha256 }: DownloadOptions,
  earlier: string,
  target: string,
  log: (line: string) => void,
): Promise<string> {
  const kept = await contentOf(earlier).catch(() => undefined);
  if (kept?.sha256 === sha256) {
    await copyFile(earlier, target);
    return earlier;
  }
  const { source } = await fetchVerified(sources, sha256, target, log);
  return source;
}

async function countedRows(file: string): Promise<DataFile> {
  const meter = new RowMeter();
  await pipeline(createReadStream(file), meter, new Writable({ write: (_chunk, _encoding, done) => done() }));
  if (meter.bytes === 0) throw new StepError(`${basename(file)} is empty.`);
  return { name: basename(file), bytes: meter.bytes, rows: meter.rows };
}

/** Moves the new files in and what the last download brought and this one does not out. */
async function replace(directory: string, work: string, manifest: Manifest): Promise<void> {
  const before = await earlierManifest(directory);
  for (const { name } of manifest.files)
    if (name !== manifest.name) await rename(join(work, "files", name), join(directory, name));
  await rename(join(work, manifest.name), join(directory, manifest.name));
  await writeWhole(join(directory, MANIFEST_FILE), work, manifest);
  const kept = new Set([manifest.name, ...manifest.files.map(({ name }) => name)]);
  for (const name of [before.name, ...(before.files ?? []).map((file) => file.name)])
    if (name && name === basename(name) && !kept.has(name)) await rm(join(directory, name), { force: true });
}

/** Removes folders of data beyond the newest; what else lies beside them stays. */
async function removeOldest(parent: string, current: string): Promise<void> {
  const names = (await readdir(parent)).filter((name) => /^[0-9a-f]{64}$/.test(name) && name !== current);
  const ages = await Promise.all(names.map(async (name) => ({ name, time: (await stat(join(parent, name))).mtimeMs })));
  ages.sort((a, b) => b.time - a.time);
  for (const { name } of ages.slice(KEPT_FOLDERS - 1)) await rm(join(parent, name), { recursive: true, force: true });
}

async function earlierManifest(directory: string): Promise<Partial<Manifest>> {
  try {
    return JSON.parse(await readFile(join(directory, MANIFEST_FILE), "utf8")) as Partial<Manifest>;
  } catch {
    // None yet, or a damaged one: then nothing is known of an earlier download.
    return {};
  }
}

async function writeWhole(target: string, work: string, value: unknown): Promise<void> {
  const beside = join(work, `${basename(target)}.part`);
  await writeFile(beside, `${JSON.stringify(value, null, 2)}\n`);
  const handle = await open(beside);
  await handle.sync();
  await handle.close();
  await rename(beside, target);
}
