import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { writeWhole } from "../whole-file";

/** Writes a file whole, and its folder where there is none; a file that says the same already stays as it is. */
export function writeFile(path: string, content: string | Uint8Array, mode = 0o600): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path) && Buffer.compare(readFileSync(path), Buffer.from(content)) === 0) return chmodSync(path, mode);
  writeWhole(path, content, mode);
}

/** The JSON in a file, or undefined where there is no file. */
export function readJson<T>(path: string): T | undefined {
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as T) : undefined;
}

/** Short digest over the content of files. */
export function digest(...paths: readonly string[]): string {
  const hash = createHash("sha256");
  for (const path of paths) hash.update(path).update(readFileSync(path));
  return hash.digest("hex").slice(0, 16);
}
