import type { LogPiece } from "./api";

/** Characters at the end of a log that are shown; a browser shows more only slowly. */
const SHOWN = 200_000;

/** A log that is read piece by piece; of a long one the end is kept. */
export class Log {
  private decoder = new TextDecoder();
  private kept = "";
  private end = 0;
  private cut = false;

  /** Bytes that are known already. */
  get offset(): number {
    return this.end;
  }

  /** Text to show. */
  get text(): string {
    return this.kept;
  }

  /** Whether the beginning is left out. */
  get isCut(): boolean {
    return this.cut;
  }

  /**
   * Takes what came after `offset`.
   * @returns false where the log is another one than before, and is to be read from its beginning
   */
  add({ content, end }: LogPiece): boolean {
    if (end < this.end) {
      this.decoder = new TextDecoder();
      this.kept = "";
      this.end = 0;
      this.cut = false;
      return false;
    }
    this.kept += this.decoder.decode(content, { stream: true });
    this.end = end;
    if (this.kept.length > SHOWN) {
      // Whole lines, and not again with the next line.
      const from = this.kept.length - SHOWN / 2;
      const line = this.kept.indexOf("\n", from);
      this.kept = this.kept.slice(line < 0 ? from : line + 1);
      this.cut = true;
    }
    return true;
  }
}
