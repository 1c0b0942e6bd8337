import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pythonTests } from "./support/python-tests";
import { type Counts, sum, verdict } from "./support/counts";

const root = join(__dirname, "..");

const HELP = `Usage: npm test [-- <stage>...]      npm run test:unit

Runs the checks of this project in their order, or only the stages named:
  types    TypeScript compiles, strictly
  lint     eslint and prettier
  unit     TypeScript tests that need nothing but npm, in seconds
  tools    packages and tools that the stages below need are installed and built where they are missing
  python   the steps' own tests: ruff, mypy, pytest, in a virtual environment made from locked requirements
  live     provider, API server, nodes, images and recommenders for real
The last line is "N passed, N failed".`;

const STAGES: Readonly<Record<string, () => Counts>> = {
  types: () =>
    sum([
      check("TypeScript compiles", "tsc", ["--noEmit"]),
      // Its globals are a browser's.
      check("the runs page compiles", "tsc", ["--noEmit", "-p", "local/kubeflow/page/client"]),
    ]),
  lint: () =>
    sum([check("eslint finds nothing", "eslint", ["."]), check("prettier agrees", "prettier", ["--check", "."])]),
  unit: () => mocha(["test/**/*.test.ts"], ["--ignore", "test/live/**"]),
  // Seen by itself, because it takes minutes the first time and no time later.
  tools: () => check("the tools are there", "tsx", ["local/cli/main.ts", "prepare"]),
  python: () => pythonTests(root),
  live: () => mocha(["test/live/**/*.test.ts"], ["--timeout", "900000"]),
};
const NEED_TOOLS = ["python", "live"];

function main(wanted: readonly string[]): void {
  const unknown = wanted.filter((stage) => !(stage in STAGES));
  if (wanted.includes("--help") || unknown.length > 0) {
    if (!wanted.includes("--help")) console.error(`No stage "${unknown.join('", "')}".\n`);
    console.log(HELP);
    process.exit(wanted.includes("--help") ? 0 : 2);
  }
  const needed = wanted.some((stage) => NEED_TOOLS.includes(stage)) ? [...wanted, "tools"] : wanted;
  const counts = sum(
    Object.entries(STAGES)
      .filter(([stage]) => needed.length === 0 || needed.includes(stage))
      .map(([stage, run]) => {
        console.log(`\n== ${stage}`);
        return run();
      }),
  );
  if (counts.skipped > 0)
    console.log(`\n${counts.skipped} skipped for want of BOOKS_DATA or of a machine that has what they need`);
  console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
  process.exit(counts.failed === 0 ? 0 : 1);
}

function check(name: string, program: string, args: readonly string[]): Counts {
  const { status } = spawnSync(join("node_modules", ".bin", program), args, { cwd: root, stdio: "inherit" });
  return verdict(name, status === 0);
}

function mocha(patterns: readonly string[], options: readonly string[]): Counts {
  const folder = mkdtempSync(join(tmpdir(), "counts-"));
  const file = join(folder, "counts.json");
  try {
    const args = [...patterns, ...options, "--reporter", "test/support/counting-reporter.ts"];
    spawnSync(join("node_modules", ".bin", "mocha"), args, {
      cwd: root,
      stdio: "inherit",
      env: { ...process.env, MOCHA_COUNTS: file },
    });
    return JSON.parse(readFileSync(file, "utf8")) as Counts;
  } catch (error) {
    console.error(`mocha ended without counting its tests: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

main(process.argv.slice(2));
