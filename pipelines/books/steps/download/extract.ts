import { createWriteStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename, join } from "node:path";
import { Transform, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { crc32 } from "node:zlib";
import { open as openZip, type Entry, type ZipFile } from "yauzl";
import { sentence, StepError } from "../../../components/program/step-error";

/** What an archive may unpack to: guards against archives made to fill a disk. */
export interface Limits {
  /** Files in it. */
  readonly entries: number;
  /** Bytes of all files together, unpacked. */
  readonly totalBytes: number;
  /** Unpacked by packed bytes of one file; text packs 1:5, a bomb 1:1000. */
  readonly ratio: number;
}

export const LIMITS: Limits = { entries: 64, totalBytes: 4 * 1024 ** 3, ratio: 200 };

/** A file that came out of an archive: name, size, and lines (the last one counts without a line end, too). */
export interface DataFile {
  readonly name: string;
  readonly bytes: number;
  readonly rows: number;
}

/** Does the file begin like a zip archive? */
export async function isZip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && ["504b0304", "504b0506"].includes(buffer.toString("hex"));
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks a zip archive into `folder`, each file under its last name.
 * @throws StepError where the archive is damaged, holds a name or kind of entry that leads out of the folder, or unpacks
 *   to more than the limits.
 */
export async function extract(archive: string, folder: string, limits: Limits = LIMITS): Promise<DataFile[]> {
  const name = basename(archive);
  try {
    const zip = await promisify<string, { lazyEntries: true; autoClose: false }, ZipFile>(openZip)(archive, {
      lazyEntries: true,
      autoClose: false,
    });
    try {
      return await extractAll(zip, folder, limits);
    } finally {
      zip.close();
    }
  } catch (error) {
    throw new StepError(`${name} cannot be unpacked: ${sentence(error).replace(/\.$/, "")}.`);
  }
}

async function extractAll(zip: ZipFile, folder: string, limits: Limits): Promise<DataFile[]> {
  if (zip.entryCount > limits.entries)
    throw new StepError(`it holds ${zip.entryCount} entries and ${limits.entries} are allowed`);
  const files: DataFile[] = [];
  let left = limits.totalBytes;
  for await (const entry of entries(zip)) {
    if (entry.fileName.endsWith("/")) continue;
    checkEntry(entry, limits, left);
    const name = basename(entry.fileName);
    if (files.some((file) => file.name === name)) throw new StepError(`it holds ${name} twice`);
    const file = await extractEntry(zip, entry, join(folder, name));
    left -= file.bytes;
    files.push(file);
  }
  if (files.length === 0) throw new StepError("it holds no file");
  return files;
}

/** The entries one by one; the next is read when the last has been dealt with. */
async function* entries(zip: ZipFile): AsyncGenerator<Entry> {
  for (let read = 0; read < zip.entryCount; read++) {
    yield await new Promise<Entry>((resolve, reject) => {
      const settle = (act: () => void) => {
        zip.removeAllListeners();
        // An error that comes between two entries must not end the process.
        zip.on("error", () => undefined);
        act();
      };
      zip.once("entry", (entry: Entry) => settle(() => resolve(entry)));
      zip.once("error", (error: Error) => settle(() => reject(error)));
      zip.once("end", () => settle(() => reject(new StepError("its list of entries ends early"))));
      zip.readEntry();
    });
  }
}

const SYMBOLIC_LINK = 0o120000;
const FILE_TYPE = 0o170000;

function checkEntry(entry: Entry, limits: Limits, left: number): void {
  const { fileName, compressedSize, uncompressedSize } = entry;
  if (entry.isEncrypted()) throw new StepError(`${fileName} is encrypted`);
  if (((entry.externalFileAttributes >>> 16) & FILE_TYPE) === SYMBOLIC_LINK)
    throw new StepError(`${fileName} is a link, and only files are unpacked`);
  if (uncompressedSize > left)
    throw new StepError(`it unpacks to more than ${limits.totalBytes} bytes, which ${fileName} would exceed`);
  if (uncompressedSize > limits.ratio * Math.max(compressedSize, 1))
    throw new StepError(
      `${fileName} unpacks from ${compressedSize} to ${uncompressedSize} bytes, and 1:${limits.ratio} is the most allowed`,
    );
}

async function extractEntry(zip: ZipFile, entry: Entry, target: string): Promise<DataFile> {
  const content = await new Promise<Readable>((resolve, reject) =>
    zip.openReadStream(entry, (error, stream) => (error ? reject(error) : resolve(stream))),
  );
  const meter = new RowMeter();
  // yauzl itself ends the stream with an error where more or fewer bytes come out than the entry promises.
  await pipeline(content, meter, createWriteStream(target, { flush: true }));
  if (meter.crc !== entry.crc32) throw new StepError(`the checksum of ${entry.fileName} is wrong`);
  return { name: basename(target), bytes: meter.bytes, rows: meter.rows };
}

const LINE_FEED = 10;

/** Passes bytes on and counts them, their lines and their checksum. */
export class RowMeter extends Transform {
  bytes = 0;
  crc = 0;
  private ends = 0;
  private last = LINE_FEED;

  get rows(): number {
    return this.ends + (this.last === LINE_FEED ? 0 : 1);
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error: null, chunk: Buffer) => void): void {
    this.bytes += chunk.length;
    this.crc = crc32(chunk, this.crc);
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, at + 1)) this.ends++;
    this.last = chunk[chunk.length - 1] ?? this.last;
    done(null, chunk);
  }
}
