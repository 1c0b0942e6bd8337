/** One line of news for whoever waits. */
export type Report = (line: string) => void;

/** A piece of work whose duration is roughly known. */
export interface Piece {
  readonly name: string;
  /** Seconds it takes on a machine like the one it was measured on. */
  readonly seconds: number;
}

/** Share that is done of pieces of different weight, and the time left at the pace seen so far. */
export class Progress {
  private readonly fractions = new Map<string, number>();
  private readonly total: number;
  private readonly start: number;

  /**
   * @param pieces all the work, done or not
   * @param now milliseconds of a clock that never goes back
   */
  constructor(
    private readonly pieces: readonly Piece[],
    private readonly now: () => number = () => performance.now(),
  ) {
    this.total = pieces.reduce((sum, { seconds }) => sum + seconds, 0);
    this.start = now();
  }

  /** Says how far a piece is, 0 to 1; it never goes back. An unknown name is an error of the caller. */
  advance(name: string, fraction: number): void {
    if (!this.pieces.some((piece) => piece.name === name)) throw new Error(`"${name}" is none of the pieces of work.`);
    this.fractions.set(name, Math.min(1, Math.max(fraction, this.fractions.get(name) ?? 0)));
  }

  /** Whole percent, 100 only when every piece is done. */
  get percent(): number {
    return this.total === 0 ? 100 : Math.floor((this.done / this.total) * 100 + 1e-9);
  }

  /** Whole seconds, undefined while there is no pace to speak of. */
  get secondsLeft(): number | undefined {
    const elapsed = (this.now() - this.start) / 1000;
    if (this.done <= 0 || elapsed < 5) return undefined;
    return Math.round(((this.total - this.done) * elapsed) / this.done);
  }

  /** Names of the pieces that have begun and are not finished. */
  get current(): string[] {
    return this.pieces
      .map(({ name }) => name)
      .filter((name) => {
        const fraction = this.fractions.get(name);
        return fraction !== undefined && fraction < 1;
      });
  }

  /** `38 %, about 4 min left: pulumi 3.225.0, etcd 3.6.9` */
  toString(): string {
    const left = this.secondsLeft;
    const time = left === undefined ? "" : `, about ${duration(left)} left`;
    return `${String(this.percent).padStart(3)} %${time}: ${this.current.join(", ") || "done"}`;
  }

  private get done(): number {
    return this.pieces.reduce((sum, { name, seconds }) => sum + seconds * (this.fractions.get(name) ?? 0), 0);
  }
}

/** `45 s`, `4 min`, `1 h 10 min`; rounded, because it is an estimate. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.max(5, Math.round(seconds / 5) * 5)} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Passes on at most one line in so many milliseconds; the first at once. */
export function throttled(report: Report, milliseconds: number, now: () => number = () => performance.now()): Report {
  let last = -Infinity;
  return (line) => {
    if (now() - last < milliseconds) return;
    last = now();
    report(line);
  };
}
