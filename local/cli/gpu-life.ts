import type { Node } from "./scaleway-api";

/** A node as it was seen while the platform came up; times in milliseconds since the epoch. */
export interface NodeLife {
  readonly name: string;
  readonly createdAt: number;
  readyAt?: number;
  goneAt?: number;
}

/** Follows the nodes of one pool through listings taken again and again. */
export class PoolLife {
  private readonly lives = new Map<string, NodeLife>();

  /** Takes one listing of the pool's nodes, made at `now`. */
  observe(nodes: readonly Node[], now: number): void {
    for (const node of nodes) {
      const life = this.lives.get(node.id) ?? { name: node.name, createdAt: Date.parse(node.created_at) };
      if (node.status === "ready") life.readyAt ??= now;
      this.lives.set(node.id, life);
    }
    const present = new Set(nodes.map(({ id }) => id));
    for (const [id, life] of this.lives) if (!present.has(id)) life.goneAt ??= now;
  }

  /** Nodes seen so far, in the order they were created. */
  get nodes(): readonly NodeLife[] {
    return [...this.lives.values()].sort((left, right) => left.createdAt - right.createdAt);
  }

  get empty(): boolean {
    return [...this.lives.values()].every(({ goneAt }) => goneAt !== undefined);
  }

  /** Sizes the pool went through, each with its time: `0 → 1 → 0`. */
  get sizes(): { at: number; size: number }[] {
    const changes = this.nodes.flatMap(({ createdAt, goneAt }) => [
      { at: createdAt, by: 1 },
      ...(goneAt === undefined ? [] : [{ at: goneAt, by: -1 }]),
    ]);
    let size = 0;
    return changes.sort((left, right) => left.at - right.at).map(({ at, by }) => ({ at, size: (size += by) }));
  }
}
