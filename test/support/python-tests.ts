import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, sum, verdict } from "./counts";
import { pythonEnvironment } from "./python-environment";

const STEPS = "pipelines";
const CONFIGURATION = `${STEPS}/pyproject.toml`;
/** The steps, and what judges with Kubeflow's own packages. */
const WRITTEN = [STEPS, "test"];
const PACKAGES = ["components/step_io", "books/steps/books", "iris/steps/iris"].map((path) => `${STEPS}/${path}`);
// Pipelines in Kubeflow's own words are left out: its decorators have no types.
const TYPED = [...PACKAGES, "test/live/pipelines/support/judge.py"];
/** Each by itself: their fixtures have one name. */
const TESTS = ["components/tests", "books/steps/tests", "iris/steps/tests"].map((path) => `${STEPS}/${path}`);
const REQUIREMENTS = `${STEPS}/books/steps/requirements-test.txt`;

/** Formatting and types of all Python, tests of the steps. */
export function pythonTests(root: string): Counts {
  const python = madeEnvironment(join(root, REQUIREMENTS));
  if (!python) return verdict("the virtual environment is made", false);
  const mypy = ["-m", "mypy", "--config-file", CONFIGURATION, ...TYPED];
  return sum([
    verdict("ruff finds nothing", run(root, python, ["-m", "ruff", "check", ...WRITTEN])),
    verdict("ruff agrees with the format", run(root, python, ["-m", "ruff", "format", "--check", ...WRITTEN])),
    verdict("mypy finds nothing", run(root, python, mypy)),
    ...TESTS.map((tests) => pytest(root, python, tests)),
  ]);
}

function madeEnvironment(requirements: string): string | undefined {
  try {
    return pythonEnvironment(requirements);
  } catch (error) {
    console.error((error as Error).message);
    return undefined;
  }
}

function pytest(root: string, python: string, tests: string): Counts {
  const folder = mkdtempSync(join(tmpdir(), "pytest-"));
  try {
    const report = join(folder, "report.xml");
    run(root, python, [
      ...["-m", "pytest", "-q", "-c", CONFIGURATION, "-p", "no:cacheprovider", `--junitxml=${report}`],
      tests,
    ]);
    const suite = readFileSync(report, "utf8");
    const count = (name: string) => Number(new RegExp(`<testsuite [^>]*\\b${name}="(\\d+)"`).exec(suite)?.[1] ?? NaN);
    const [failed, skipped] = [count("failures") + count("errors"), count("skipped")];
    return { passed: count("tests") - failed - skipped, failed, skipped };
  } catch (error) {
    console.error(`pytest ended without a report: ${String(error)}`);
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(root: string, program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { cwd: root, stdio: "inherit" }).status === 0;
}
