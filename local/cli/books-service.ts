/** The books service as its readers see it. */
export class BooksService {
  constructor(private readonly url: string) {}

  /** What the service was trained on and its most read items. */
  popular(): Promise<Popular> {
    return this.get("/recommendations");
  }

  recommendations(item: string): Promise<Recommendations> {
    return this.get(`/recommendations/${encodeURIComponent(item)}`);
  }

  /** Reports of the steps, as they wrote them. */
  async training(): Promise<StepReport[]> {
    return (await this.get<{ steps: StepReport[] }>("/training")).steps;
  }

  private async get<T>(path: string): Promise<T> {
    const answer = await fetch(`${this.url}${path}`);
    if (!answer.ok) throw new Error(`${this.url}${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }
}

export interface Item {
  readonly item: string;
  readonly title: string;
}

export interface Popular {
  readonly data: { readonly name: string };
  readonly popular: readonly Item[];
}

export interface Recommendations extends Item {
  readonly recommendations: readonly (Item & { readonly score: number })[];
}

/** Report of one step; the fields below `node` are those of a training. Times in seconds, sizes in bytes. */
export interface StepReport {
  readonly task: string;
  readonly node: string;
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly device?: string;
  readonly queries?: readonly QueryTiming[];
}

export interface QueryTiming extends Item {
  readonly p50Seconds: number;
  readonly p95Seconds: number;
}
