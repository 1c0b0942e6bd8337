import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { training } from "./training";
import type { Found, ModelSource } from "./model-source";

/** One model file on a shared volume, which tells nobody of its changes, so they are looked for. */
export class FileSource implements ModelSource {
  private seen = "";

  constructor(
    readonly description: string,
    private readonly reportsDirectory: string,
  ) {}

  async next(): Promise<Found> {
    const { ino, mtimeMs, size } = await stat(this.description).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOENT") throw error;
      this.seen = "";
      throw new Error(`${this.description} is missing`);
    });
    const identity = `${ino} ${mtimeMs} ${size}`;
    if (identity === this.seen) return "unchanged";
    const file = await readFile(this.description);
    this.seen = identity;
    const version = createHash("sha256").update(file).digest("hex").slice(0, 12);
    return { version, file, metrics: {}, training: () => training(this.reportsDirectory) };
  }

  close(): void {
    // Nothing is held open.
  }
}
