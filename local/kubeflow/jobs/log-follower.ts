import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { delay } from "../../kubernetes/cache";
import type { HttpClient } from "../../kubernetes/http-client";

/** One step's log takes no more of the state directory than this. */
const LARGEST_LOG_BYTES = 16 * 1024 * 1024;
const RETRY_MILLISECONDS = 250;

/** Copies what a container writes into a file while it runs, so that it is there after the pod is gone. */
export class LogFollower {
  private readonly abort = new AbortController();
  private readonly done: Promise<void>;
  private ended = false;

  /** @param path of the log of the container at the API server */
  constructor(
    private readonly client: HttpClient,
    private readonly path: string,
    private readonly file: string,
  ) {
    mkdirSync(dirname(file), { recursive: true });
    this.done = this.follow();
  }

  /** Waits for the rest of the log of a container that has ended, but not for ever: its node may be gone. */
  async finish(milliseconds: number): Promise<void> {
    this.ended = true;
    await Promise.race([this.done, delay(milliseconds, this.abort.signal)]);
    this.abort.abort();
    await this.done;
  }

  /** From the beginning each time: a log that broke off is complete or not there. */
  private async follow(): Promise<void> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      const last = this.ended;
      try {
        const response = await this.client.stream(`${this.path}&follow=true`, signal);
        await pipeline(response, limited(), createWriteStream(this.file), { signal });
        return;
      } catch {
        // The container is not started yet, the API server restarts, or the node does not answer.
        if (last) return;
        await delay(RETRY_MILLISECONDS, signal);
      }
    }
  }
}

function limited(): Transform {
  let left = LARGEST_LOG_BYTES;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const taken = chunk.subarray(0, Math.max(0, left));
      const cut = left > 0 && chunk.length > left;
      left -= chunk.length;
      done(null, cut ? Buffer.concat([taken, Buffer.from("\n(the rest of the log is not kept)\n")]) : taken);
    },
  });
}
