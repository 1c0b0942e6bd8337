import { appendFileSync, existsSync, mkdirSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** One call as it was answered. Bodies and tokens are never part of it. */
export interface Event {
  readonly sequence: number;
  /** RFC 3339. */
  readonly at: string;
  readonly operation: string;
  readonly method: string;
  readonly path: string;
  /** 0 where the connection was dropped. */
  readonly status: number;
  readonly milliseconds: number;
  /** Access key, "owner", "service" or "anonymous". */
  readonly principal: string;
  /** Faults that acted on this call. */
  readonly fault?: string;
  /** Message of a refusal, or of a failure of the emulator itself. */
  readonly message?: string;
}

const KEPT_IN_MEMORY = 20_000;
const LARGEST_FILE_BYTES = 64 * 1024 * 1024;

/** Log of every call: a JSON line each on disk, and the newest in memory for queries. */
export class EventLog {
  private readonly recent: Event[] = [];
  private sequence = 0;

  private bytes: number;

  /** @param largestBytes size beyond which the file is put aside and a new one begun; one old file is kept */
  constructor(
    private readonly file: string,
    private readonly largestBytes = LARGEST_FILE_BYTES,
  ) {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    this.bytes = existsSync(file) ? statSync(file).size : 0;
  }

  add(event: Omit<Event, "sequence" | "at">): void {
    const complete: Event = { sequence: ++this.sequence, at: new Date().toISOString(), ...event };
    this.recent.push(complete);
    if (this.recent.length > KEPT_IN_MEMORY) this.recent.shift();
    if (this.bytes > this.largestBytes) {
      renameSync(this.file, `${this.file}.1`);
      this.bytes = 0;
    }
    const line = `${JSON.stringify(complete)}\n`;
    appendFileSync(this.file, line, { mode: 0o600 });
    this.bytes += Buffer.byteLength(line);
  }

  /** Newest last. */
  query(filter: { operation?: string; after?: number; limit?: number }): Event[] {
    const found = this.recent.filter(
      ({ operation, sequence }) =>
        (filter.operation === undefined || operation === filter.operation) && sequence > (filter.after ?? 0),
    );
    return found.slice(-(filter.limit ?? found.length));
  }
}
