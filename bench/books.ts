import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createHash } from "node:crypto";
import { cpus, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { table } from "../local/cli/table";
import { download } from "../pipelines/books/steps/download/download";
import { pythonEnvironment } from "../test/support/python-environment";
import { fillUp } from "./books-full-size";
import { measureServing } from "./books-serving";

/** Figures of the books recommender beside those of the published one; where it was measured is told below them. */

const ROOT = resolve(__dirname, "..");
const RUNS = 5;
const LOAD_SECONDS = 20;
const MEBIBYTE = 2 ** 20;

interface Report {
  readonly seconds: number;
  readonly peakMemoryBytes: number;
  readonly tableSeconds?: number;
  readonly library?: string;
  readonly model?: { readonly bytes: number };
  readonly splits?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly queries?: readonly { readonly item: string; readonly p50Seconds: number; readonly p95Seconds: number }[];
}

async function main(): Promise<void> {
  const archive = process.env["BOOKS_DATA"] ?? resolve(ROOT, "../shared/data/book-crossing/BX-CSV-Dump.zip");
  if (!existsSync(archive)) throw new Error(`${archive} is no file: name the Book-Crossing archive by BOOKS_DATA.`);
  const python = pythonEnvironment(join(ROOT, "pipelines/books/steps/requirements-test.txt"));
  const folder = mkdtempSync(join(tmpdir(), "bench-books-"));
  try {
    await measure(archive, folder, (directory, ...args) => step(python, directory, args));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(archive: string, folder: string, run: (directory: string, ...args: string[]) => Report) {
  const sha256 = createHash("sha256").update(readFileSync(archive)).digest("hex");
  const options = { fname: "BX-CSV-Dump.zip", cachedir: folder, cachesubdir: "datasets", task: "download-dataset" };
  const { seconds } = await download({ ...options, sources: [archive], sha256 }, console.error);
  const datasets = join(folder, "datasets");
  const full = join(folder, "full-size");
  cpSync(datasets, full, { recursive: true });
  fillUp(full);

  const prepare = (directory: string) => Array.from({ length: RUNS }, () => run(directory, "prepare"));
  const [small, large] = [prepare(datasets), prepare(full)];
  const training = ["neighbours", "--engine", "scikit", "--task", "recommender-scikit", "--calls", "1000"];
  const trainings = Array.from({ length: 3 }, () => run(datasets, ...training));
  const quality = run(datasets, "evaluate", "--splits", "a").splits?.["a"];
  const serving = await measureServing(ROOT, datasets, LOAD_SECONDS);

  const last = trainings[0]!;
  const tables = trainings.map(({ tableSeconds = Number.NaN }) => ({ seconds: tableSeconds }));
  const rows = [
    ["figure", "measured", "goal", "published way"],
    ["download and unpack", `${seconds.toFixed(2)} s`, "", ""],
    ["prepare, archive", spread(small), "", ""],
    ["prepare, full size", spread(large), "≤ 2 s", "63.8 s"],
    ["  its peak memory", mebibytes(peak(large)), "≤ 256 MiB", "20275 MiB"],
    ["table of all neighbours", spread(tables), "≤ 2 s", ""],
    ["model file", `${((last.model?.bytes ?? 0) / 1e6).toFixed(2)} MB`, "≤ 5 MB", "8416 MB"],
    ...(last.queries ?? []).map(({ item, p50Seconds, p95Seconds }, at) => [
      `query ${item}, p50 / p95`,
      `${milliseconds(p50Seconds)} / ${milliseconds(p95Seconds)} ms`,
      "",
      ["6.5 ms", "2.1 ms", "2.3 ms"][at] ?? "",
    ]),
    ["item→item hit rate @10, split a", figure(quality?.["itemToItemHitRate10"]), "≥ 0.026", "0.0163"],
    ["user recall @10, split a", figure(quality?.["recall10"]), "≥ 0.070", "0.0406"],
    ["serving ready after", `${serving.readySeconds.toFixed(2)} s`, "< 5 s", ""],
    ["serving, 500 requests/s, p50", `${serving.p50Milliseconds.toFixed(2)} ms`, "≤ 2 ms", ""],
    ["serving, 500 requests/s, p99", `${serving.p99Milliseconds.toFixed(2)} ms`, "≤ 6 ms", ""],
    ["  errors of requests", `${serving.errors} of ${serving.answered}`, "0", ""],
    ["  peak memory", mebibytes(serving.peakMemoryBytes), "≤ 256 MiB", ""],
  ];
  console.log(table(rows).join("\n"));
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}, ${last.library ?? ""}`);
  console.log(`times: median (least to most) of ${RUNS} runs, of 3 for the table; queries over 1000 calls`);
}

function step(python: string, directory: string, args: readonly string[]): Report {
  const env = { ...process.env, PYTHONPATH: `${ROOT}/pipelines/books/steps:${ROOT}/pipelines/components` };
  const output = execFileSync(python, ["-m", "books", ...args, "--datadir", directory], { env, encoding: "utf8" });
  return JSON.parse(output) as Report;
}

function spread(runs: readonly { readonly seconds: number }[]): string {
  const sorted = runs.map(({ seconds }) => seconds).sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${median.toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

const peak = (runs: readonly Report[]) => Math.max(...runs.map(({ peakMemoryBytes }) => peakMemoryBytes));
const mebibytes = (bytes: number) => `${Math.ceil(bytes / MEBIBYTE)} MiB`;
const milliseconds = (seconds: number) => (seconds * 1000).toFixed(2);
const figure = (value: number | undefined) => value?.toFixed(4) ?? "";

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
