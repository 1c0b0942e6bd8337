import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { bundle } from "../local/bundle";
import { table } from "../local/cli/table";
import { graph, pipeline, step, task } from "../test/kubeflow/support/specs";
import { hundredTasks, threeEchoes } from "../test/live/kubeflow-engine/support/pipelines";
import { shell } from "../test/live/kubeflow-engine/support/shell";
import { type ShownRun, Stage } from "../test/live/kubeflow-engine/support/stage";

/** Figures of the compact pipelines backend, as its image starts it, on a cluster of one node with the image present. */

const STARTS = 10;
const RUNS = 5;
const ASK_EACH_MILLISECONDS = 100;
/** Connections, timers and garbage of what went before are gone by then. */
const SETTLE_MILLISECONDS = 15_000;

async function main(): Promise<void> {
  const scratch = mkdtempSync(join(tmpdir(), "bench-pipelines-"));
  const stage = await Stage.create({ NODE_ENV: "production" }, ["--max-old-space-size=192", await program(scratch)]);
  try {
    await pause(SETTLE_MILLISECONDS);
    const idle = mebibytes(stage, "VmRSS");
    // What is used for the first time on a node or in a process is no figure of this backend.
    await stage.run(threeEchoes("before the figures"));

    const starts = await repeated(STARTS, () => startOfStep(stage));
    const uncached = await repeated(RUNS, (round) => secondsOf(() => stage.run(threeEchoes(`round ${round}`))));
    const cached = await repeated(RUNS, () => secondsOf(() => stage.run(threeEchoes("round 0"))));
    const crowd = await crowdOf(stage);
    const highest = mebibytes(stage, "VmHWM");
    await pause(SETTLE_MILLISECONDS);

    const rows = [
      ["figure", "measured", "goal", "Kubeflow's own¹"],
      ["run submitted → first instruction of its step", spread(starts), "≤ 1.5 s", "20 s, tuned 14 s"],
      ["three echo steps one after the other", spread(uncached), "≤ 8 s", "71 s, tuned 50 s"],
      ["  the same from the cache", spread(cached), "≤ 1 s", "41 s, tuned 28 s"],
      ["memory, idle after the start", `${idle} MiB`, "≤ 150 MiB", "about 430 MB"],
      ["100 steps in two loops, succeeded", `${crowd.succeeded} of 100`, "100", ""],
      ["  from submitting to their end", `${crowd.seconds.toFixed(1)} s`, "", ""],
      ["  GET /runs meanwhile, p50 / p99", crowd.answers, "p99 ≤ 200 ms", ""],
      ["  highest memory", `${highest} MiB`, "", ""],
      ["  memory, idle again", `${mebibytes(stage, "VmRSS")} MiB`, "≤ 150 MiB", ""],
    ];
    console.log(table(rows).join("\n"));
    console.log("¹ measured before on 2.17.0, not by this program: two cores, Argo 3.7; without object storage and UI");
    console.log(`${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`);
    console.log(
      `median (least to most) of ${STARTS} starts and of ${RUNS} runs; by npm run bench -- pipelines-backend`,
    );
  } finally {
    await stage.dispose();
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The backend in one file, with the native part of its store beside it. */
async function program(folder: string): Promise<string> {
  const file = await bundle(join(__dirname, "../local/kubeflow/main.ts"), folder);
  const native = join(dirname(file), "build/Release");
  mkdirSync(native, { recursive: true });
  const built = join(__dirname, "../node_modules/@lmdb/lmdb-linux-x64/node.napi.glibc.node");
  symlinkSync(built, join(native, "lmdb.node"));
  return file;
}

/** Seconds from submitting a run to the first instruction of its only step, by the clock that both see. */
async function startOfStep(stage: Stage): Promise<number> {
  const content = pipeline(graph({ go: task("go") }), { go: step({ container: shell("cat /proc/uptime") }) });
  const submitted = uptime(readFileSync("/proc/uptime", "utf8"));
  const run = await stage.run(content);
  return uptime(await stage.log(run, "go")) - submitted;
}

/** Of the two numbers the first: seconds since the kernel started, in hundredths. */
function uptime(text: string): number {
  const seconds = Number(text.split(" ")[0]);
  if (!(seconds > 0)) throw new Error(`A step did not write the time but "${text}".`);
  return seconds;
}

async function crowdOf(stage: Stage) {
  const waits: number[] = [];
  const id = await stage.submit(hundredTasks());
  const seconds = await secondsOf(async () => {
    for (let ended = false; !ended; await pause(ASK_EACH_MILLISECONDS)) {
      const began = performance.now();
      const { runs } = await stage.get<{ runs: readonly ShownRun[] }>("/apis/v2beta1/runs?page_size=50");
      waits.push(performance.now() - began);
      ended = runs.some(({ run_id, state }) => run_id === id && ["SUCCEEDED", "FAILED"].includes(state));
    }
  });
  const run = await stage.show(id);
  const work = run.run_details?.task_details.filter(({ name }) => name === "work") ?? [];
  const succeeded = work.filter(({ state }) => state === "SUCCEEDED").length;
  waits.sort((a, b) => a - b);
  const at = (part: number) => (waits[Math.ceil(waits.length * part) - 1] ?? Number.NaN).toFixed(0);
  return { seconds, succeeded, answers: `${at(0.5)} / ${at(0.99)} ms of ${waits.length}` };
}

async function repeated(times: number, measure: (round: number) => Promise<number>): Promise<number[]> {
  const measured: number[] = [];
  for (let round = 0; round < times; round++) measured.push(await measure(round));
  return measured;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

function spread(seconds: readonly number[]): string {
  const sorted = [...seconds].sort((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[Math.floor(sorted.length / 2)]!, sorted.at(-1)!];
  return `${median.toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`;
}

/** Memory of the backend's process, pages of its store included. */
function mebibytes(stage: Stage, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${stage.backendPid}/status`, "utf8");
  return Math.ceil(Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1]) / 1024);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
