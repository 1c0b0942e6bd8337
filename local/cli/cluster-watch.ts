import { PoolLife } from "./gpu-life";
import type { ScalewayApi } from "./scaleway-api";
import { waitUntil } from "../wait-until";

const POLL_MS = 300;

/** Follows clusters while the platform comes up: whether they start, and their pools that start at zero. */
export class ClusterWatch {
  /** Life of the nodes of the pools that start at zero (here: the GPU pool). */
  readonly life = new PoolLife();
  private failedName: string | undefined;
  private stopped = false;
  private readonly done: Promise<void>;

  /** @param onFailure called once where a cluster cannot be started, on which a deploy would wait for its time limit */
  constructor(
    private readonly api: ScalewayApi,
    private readonly onFailure: () => void,
  ) {
    this.done = this.follow();
  }

  /** Name of the cluster that could not be started; undefined as long as there is none. */
  get failed(): string | undefined {
    return this.failedName;
  }

  /**
   * Waits until the GPU pool is empty again, at most `limitSeconds`.
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
    for (const { id, name, status } of await this.api.clusters()) {
      if (status === "locked" && this.failedName === undefined) {
        this.failedName = name;
        this.onFailure();
      }
      const elastic = (await this.api.pools(id)).filter((pool) => pool.min_size === 0).map((pool) => pool.id);
      const nodes = (await this.api.nodes(id)).filter(({ pool_id }) => elastic.includes(pool_id));
      this.life.observe(nodes, Date.now());
    }
  }
}

function pause(): Promise<void> {
  return new Promise((done) => setTimeout(done, POLL_MS));
}
