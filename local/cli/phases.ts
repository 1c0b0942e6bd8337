/** Prints what a long command is doing: one line when a phase starts, its details indented, one line when it ends. */
export class Phases {
  private readonly began = Date.now();

  constructor(private readonly write: (line: string) => void = (line) => process.stdout.write(`${line}\n`)) {}

  /** Runs one phase. Its failure is printed where it happened and passed on. */
  async run<T>(title: string, work: (detail: (line: string) => void) => Promise<T>): Promise<T> {
    const start = Date.now();
    this.write(`${this.elapsed()} ${title}`);
    try {
      const result = await work((line) => this.write(`         ${line}`));
      this.write(`${this.elapsed()} ${title}: done in ${seconds(Date.now() - start)}`);
      return result;
    } catch (error) {
      this.write(`${this.elapsed()} ${title}: failed after ${seconds(Date.now() - start)}`);
      throw error;
    }
  }

  /** Whole time since the command began, in seconds with one decimal. */
  get total(): string {
    return seconds(Date.now() - this.began);
  }

  private elapsed(): string {
    const whole = Math.floor((Date.now() - this.began) / 1000);
    const pad = (value: number) => String(value).padStart(2, "0");
    return `[${pad(Math.floor(whole / 60))}:${pad(whole % 60)}]`;
  }
}

/** Milliseconds as seconds for people: `4.2 s`. */
export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
