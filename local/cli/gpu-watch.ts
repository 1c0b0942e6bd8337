import { PoolLife } from "./gpu-life";
import type { ScalewayApi } from "./scaleway-api";
import { waitUntil } from "../wait-until";

const POLL_MS = 300;

/** Follows the pools that start at zero (here: the GPU pool) while the platform comes up. */
export class GpuWatch {
  readonly life = new PoolLife();
  private stopped = false;
  private readonly done: Promise<void>;

  constructor(private readonly api: ScalewayApi) {
    this.done = this.follow();
  }

  /**
   * Waits until the pool is empty again, at most `limitSeconds`.
   * @returns whether it is
   */
  untilEmpty(limitSeconds: number): Promise<boolean> {
    return waitUntil(() => this.life.empty, limitSeconds * 1000);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.done;
  }

  private async follow(): Promise<void> {
    while (!this.stopped) {
      // The API is not there before its service is, nor the cluster before it was made.
      await this.observe().catch(() => undefined);
      await pause();
    }
  }

  private async observe(): Promise<void> {
    for (const { id } of await this.api.clusters()) {
      const elastic = (await this.api.pools(id)).filter((pool) => pool.min_size === 0).map((pool) => pool.id);
      const nodes = (await this.api.nodes(id)).filter(({ pool_id }) => elastic.includes(pool_id));
      this.life.observe(nodes, Date.now());
    }
  }
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, POLL_MS));
}
