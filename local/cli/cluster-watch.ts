import { PoolLife } from "./gpu-life";
import type { ScalewayApi } from "./scaleway-api";
import { waitUntil } from "../wait-until";

const POLL_MS = 300;

/** Follows clusters while the platform comes up: whether they start, and their pools that start at zero. */
export class ClusterWatch {
  /** Life of the nodes of the pools that start at zero (here: the GPU pool). */
  readonly life = new PoolLife();
  private readonly told = new Set<string>();
  private stopped = false;
  private readonly done: Promise<void>;

  /** @param tell called once for each reason why a cluster does not start: the deploy goes on when it is mended */
  constructor(
    private readonly api: ScalewayApi,
    private readonly tell: (line: string) => void,
  ) {
    this.done = this.follow();
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
    for (const { name, trouble } of await this.api.troubles()) {
      const line = `Cluster ${name} does not start: ${trouble}`;
      if (!this.told.has(line)) this.tell(line);
      this.told.add(line);
    }
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
