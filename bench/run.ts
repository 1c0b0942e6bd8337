import { spawnSync } from "node:child_process";
import { join } from "node:path";

const HELP = `Usage: npm run bench [-- platform|books|pipelines-compiler|pipelines-backend]...

Prints the figures of the documents beside the goals:
  platform            a start, a preview, the control plane, the GPU pool, memory; on a local stack of its own
  books               preparation, table, queries and serving of the books recommender; BOOKS_DATA names the archive
  pipelines-compiler  the books pipeline and a thousand steps, from TypeScript to the file
  pipelines-backend   start of a step, runs with and without cache, memory, a hundred steps; on a cluster of its own
No local stack may run beside it. Figures depend on the machine; it is named below them.`;

const SUITES = ["platform", "books", "pipelines-compiler", "pipelines-backend"];

/** Runs the suites one after the other, each in a process of its own, so that none measures the other's memory. */
function main(wanted: readonly string[]): void {
  const unknown = wanted.filter((suite) => !SUITES.includes(suite));
  if (unknown.length > 0) {
    console.log(HELP);
    process.exit(unknown.includes("--help") ? 0 : 2);
  }
  for (const suite of SUITES.filter((name) => wanted.length === 0 || wanted.includes(name))) {
    console.log(`\n== ${suite}`);
    const tsx = join(__dirname, "..", "node_modules", ".bin", "tsx");
    const { status } = spawnSync(tsx, [join(__dirname, `${suite}.ts`)], { stdio: "inherit" });
    if (status !== 0) process.exit(status ?? 1);
  }
}

main(process.argv.slice(2));
