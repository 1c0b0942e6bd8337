import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import autocannon from "autocannon";
import { bundle } from "../local/bundle";
import { cacheDirectory, freePorts } from "../local/instance";
import { publishVersion } from "../test/support/published-models";
import { FakeBucket } from "../test/support/fake-bucket";

const RATE_PER_SECOND = 500;
/** The load generator sends for all connections in one tick, so that more of them would measure their own queue. */
const CONNECTIONS = 4;

export interface ServingFigures {
  readonly readySeconds: number;
  readonly p50Milliseconds: number;
  readonly p99Milliseconds: number;
  readonly answered: number;
  /** Answers other than 200, and requests without an answer. */
  readonly errors: number;
  readonly peakMemoryBytes: number;
}

/** The serving as its image runs it, on a published model, asked for single items at a fixed rate over loopback. */
export async function measureServing(root: string, datadir: string, seconds: number): Promise<ServingFigures> {
  const bucket = await FakeBucket.start();
  publishVersion(bucket, "books", "measured", readFileSync(join(datadir, "models/recommender-scikit.safetensors")));
  const program = await bundle(join(root, "services/serving/main.ts"), cacheDirectory());
  const [port = 0] = await freePorts(1);
  const started = performance.now();
  const child = spawn(process.execPath, ["--max-old-space-size=128", program], {
    env: { ...bucket.environment, HOST: "127.0.0.1", PORT: String(port) },
    stdio: "ignore",
  });
  try {
    const url = `http://127.0.0.1:${port}`;
    await ready(url);
    const readySeconds = (performance.now() - started) / 1000;
    await load(url, 3);
    const figures = await load(url, seconds);
    const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
    const peakMemoryBytes = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
    return { readySeconds, ...figures, peakMemoryBytes };
  } finally {
    child.kill();
    if (child.exitCode === null) await once(child, "exit");
    await bucket.stop();
  }
}

async function ready(url: string): Promise<void> {
  const answers = () =>
    fetch(`${url}/v2/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  while (!(await answers())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function load(url: string, duration: number) {
  const { popular } = (await (await fetch(`${url}/recommendations`)).json()) as { popular: { item: string }[] };
  const times: number[] = [];
  const options = {
    url,
    duration,
    connections: CONNECTIONS,
    overallRate: RATE_PER_SECOND,
    requests: popular.map(({ item }) => ({
      method: "POST" as const,
      path: "/v2/models/books/infer",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ inputs: [{ name: "isbn", shape: [1], datatype: "BYTES", data: [item] }] }),
    })),
  };
  const { errors, non2xx } = await new Promise<autocannon.Result>((resolve, reject) =>
    autocannon(options, (error: Error | null, result) => (error ? reject(error) : resolve(result))).on(
      "response",
      (_client, _status, _bytes, milliseconds) => times.push(milliseconds),
    ),
  );
  times.sort((a, b) => a - b);
  const percentile = (share: number) => times[Math.floor(share * (times.length - 1))] ?? Number.NaN;
  return {
    p50Milliseconds: percentile(0.5),
    p99Milliseconds: percentile(0.99),
    answered: times.length,
    errors: errors + non2xx,
  };
}
