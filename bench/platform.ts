import { readdirSync, readFileSync } from "node:fs";
import { cpus } from "node:os";
import { table } from "../local/cli/table";
import { waitUntil } from "../local/wait-until";
import { TestedStack } from "../test/live/platform/support/local-stack";

/** Figures of the local stack: one start with everything built, then what runs. */
async function main(): Promise<void> {
  const stack = new TestedStack();
  try {
    await stack.succeed(["prepare"]);
    const [start, output] = await timed(() => stack.succeed(["start"]));
    const [again] = await timed(() => stack.succeed(["start"]));
    const cached = await cachedRun(output);
    const [preview] = await timed(() => stack.succeed(["pulumi", "preview", "--expect-no-changes"]));
    const controlPlane = /control plane ready after ([\d.]+) s/.exec(stack.log("scaleway"))?.[1] ?? "?";
    const ready = [...output.matchAll(/ready ([\d.]+) s after it was asked for/g)].map((match) => match[1]);
    const rows = [
      ["figure", "measured", "goal"],
      [
        "npm start with everything built, to recommendations and the GPU pool back at 0",
        `${start} s`,
        "240, aim 150 s",
      ],
      ["npm start with nothing to do", `${again} s`, ""],
      ["preview without changes", `${preview} s`, "8, aim 5 s"],
      ["control plane ready after the create call", `${controlPlane} s`, "6 s"],
      ["books through its pipeline once more, its steps cached", `${cached} s`, "5 s"],
      ["GPU node asked for → Ready", `${ready.join(", ")} s`, "10 s"],
      [
        "resident memory, idle",
        `${(residentBytes(stack.stateDir, stack.instance.runDir) / 2 ** 30).toFixed(2)} GiB`,
        "2.5 GiB",
      ],
    ];
    console.log(table(rows).join("\n"));
    console.log(
      `\nOn ${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}, by npm run bench -- platform.`,
    );
  } finally {
    await stack.remove();
  }
}

/** Runs the books pipeline again as its clients do; seconds by the backend's own times are whole, so ours are taken. */
async function cachedRun(startOutput: string): Promise<string> {
  const [, address = ""] = /^pipelines +(http:\S+)/m.exec(startOutput) ?? [];
  const runs = `${address}/apis/v2beta1/runs`;
  const known = await answer<{ runs: (RunMessage & { pipeline_version_reference: object })[] }>(runs);
  const earlier = known.runs.find(({ display_name }) => display_name.startsWith("books-"));
  if (!earlier) throw new Error(`${runs} knows no run of books.`);
  const { pipeline_version_reference } = earlier;
  const [seconds] = await timed(async () => {
    const body = JSON.stringify({ display_name: "books once more", pipeline_version_reference });
    const { run_id } = await answer<RunMessage>(runs, { method: "POST", body });
    const ended = await waitUntil(async () => {
      const { state } = await answer<RunMessage>(`${runs}/${run_id}`);
      if (state === "FAILED") throw new Error(`Run ${run_id} failed: see ${address}.`);
      return state === "SUCCEEDED";
    }, 600_000);
    if (!ended) throw new Error(`Run ${run_id} did not end within 10 minutes: see ${address}.`);
  });
  return seconds;
}

interface RunMessage {
  readonly run_id: string;
  readonly display_name: string;
  readonly state: string;
}

async function answer<T>(url: string, init?: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, headers: { "Content-Type": "application/json" } });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

async function timed<T>(work: () => Promise<T>): Promise<[seconds: string, result: T]> {
  const began = Date.now();
  const result = await work();
  return [((Date.now() - began) / 1000).toFixed(1), result];
}

/** Resident bytes of the services, the shims and the pods: all that names the instance, and all below a node's cgroup. */
function residentBytes(...names: string[]): number {
  const read = (pid: string, file: string): string => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, "utf8");
    } catch {
      return ""; // it ended while we looked
    }
  };
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid))
    .filter((pid) => {
      const command = read(pid, "cmdline");
      return names.some((name) => command.includes(name)) || read(pid, "cgroup").includes("/kapsule-");
    })
    .reduce((sum, pid) => sum + Number(/VmRSS:\s+(\d+)/.exec(read(pid, "status"))?.[1] ?? 0) * 1024, 0);
}

void main();
