import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheDirectory } from "../../local/instance";
import { type Counts, sum, verdict } from "./counts";

const STEPS = "pipelines/books/steps";
const REQUIREMENTS = `${STEPS}/requirements-test.txt`;

/** Formatting, types and tests of the Python steps. */
export function pythonTests(root: string): Counts {
  const python = environment(root);
  if (!python) return verdict("the virtual environment is made", false);
  const mypy = ["-m", "mypy", "--config-file", `${STEPS}/pyproject.toml`, `${STEPS}/books`];
  return sum([
    verdict("ruff finds nothing", run(root, python, ["-m", "ruff", "check", STEPS])),
    verdict("ruff agrees with the format", run(root, python, ["-m", "ruff", "format", "--check", STEPS])),
    verdict("mypy finds nothing", run(root, python, mypy)),
    pytest(root, python),
  ]);
}

/** Interpreter of a virtual environment that holds the locked requirements; made once per content of the lock. */
export function environment(root: string): string | undefined {
  const lock = readFileSync(join(root, REQUIREMENTS));
  const version = spawnSync("python3", ["--version"], { encoding: "utf8" }).stdout;
  const key = createHash("sha256").update(lock).update(version).digest("hex").slice(0, 16);
  const folder = join(cacheDirectory(), "python", key);
  if (!existsSync(join(folder, "complete"))) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const install = ["-m", "pip", "install", "--quiet", "--require-hashes", "-r", join(root, REQUIREMENTS)];
    const made =
      run(root, "python3", ["-m", "venv", join(folder, "venv")]) && run(root, join(folder, "venv/bin/python"), install);
    if (!made) return undefined;
    renameSync(mkdtempSync(join(folder, "done-")), join(folder, "complete"));
  }
  return join(folder, "venv/bin/python");
}

function pytest(root: string, python: string): Counts {
  const folder = mkdtempSync(join(tmpdir(), "pytest-"));
  try {
    const report = join(folder, "report.xml");
    run(root, python, ["-m", "pytest", "-q", "-p", "no:cacheprovider", `--junitxml=${report}`, `${STEPS}/tests`]);
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
