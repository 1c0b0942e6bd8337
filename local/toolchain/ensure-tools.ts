import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { cacheDirectory } from "../instance";
import { linkBuild, makeBuild, missingBuilds } from "./build-tool";
import { buildDirectory, type GoBuild, JUDGE, LANES, programsOf } from "./go-builds";
import { ensurePackages } from "./packages";
import { findProgram } from "./programs";
import { Progress, type Report, throttled } from "./progress";
import type { ToolName, Tools } from "./tools";

const run = promisify(execFile);

/** Tools that come from Debian packages. */
const FROM_DEBIAN: readonly ToolName[] = ["runc", "buildah"];

/** Milliseconds between two lines about the same builds. */
const REPORT_EVERY = 10_000;

/** Installs the missing Debian packages. */
export function ensureDebianPackages(report: Report, cacheDir = cacheDirectory()): Promise<void> {
  return ensurePackages(report, join(cacheDir, "tools", ".packages.lock"));
}

/**
 * Brings every tool: a program on PATH of the wanted version is used, else it is built from its pinned Go module. What
 * was finished before an interruption is not built again. Two starts at once share the work.
 */
export async function ensureTools(report: Report, cacheDir = cacheDirectory()): Promise<Tools> {
  if (process.env["RECOMMENDER_TOOLS"]) return installedTools(cacheDir);
  await ensureDebianPackages(report, cacheDir);
  const label = ({ name, version }: GoBuild) => `${name} ${version}`;
  const waiting = (build: GoBuild) => report(`waiting for another start that builds ${label(build)}`);
  await Promise.all(missingBuilds(cacheDir).map((build) => linkFromPath(build, cacheDir, waiting)));
  const missing = missingBuilds(cacheDir);
  if (missing.length > 0) {
    report(`building from source, once: ${missing.map(label).join(", ")}`);
    const progress = new Progress(missing.map((build) => ({ name: label(build), seconds: build.seconds })));
    const tell = throttled((line) => report(line), REPORT_EVERY);
    const failed: string[] = [];
    const build = async (item: GoBuild) => {
      progress.advance(label(item), 0);
      await makeBuild(item, cacheDir, {
        waiting,
        progress: (_, fraction) => {
          progress.advance(label(item), fraction);
          tell(String(progress));
        },
      });
      progress.advance(label(item), 1);
      report(`${String(progress.percent).padStart(3)} %: built ${label(item)}`);
    };
    await Promise.all(
      LANES.map(async (lane) => {
        for (const item of lane.filter((candidate) => missing.includes(candidate))) {
          await build(item).catch((error: unknown) => {
            failed.push(error instanceof Error ? error.message : String(error));
            progress.advance(label(item), 1);
            report(`failed: ${label(item)}; the rest goes on`);
          });
        }
      }),
    );
    if (failed.length > 0) throw new Error(failed.join("\n"));
  }
  return installedTools(cacheDir);
}

/**
 * Paths of all tools. `RECOMMENDER_TOOLS` names a folder with the programs that are otherwise built.
 * @throws Error naming the tools that are missing
 */
export function installedTools(cacheDir = cacheDirectory()): Tools {
  const given = process.env["RECOMMENDER_TOOLS"];
  const built = LANES.flat().flatMap((build) => {
    const folder = given ?? join(buildDirectory(build, cacheDir), "bin");
    return programsOf(build).map((program) => [program, join(folder, program)] as const);
  });
  const debian = FROM_DEBIAN.map((program) => [program, findProgram(program)] as const);
  const missing = [...built, ...debian].filter(([, path]) => !path || !existsSync(path)).map(([program]) => program);
  if (missing.length > 0) {
    const where = given ? `RECOMMENDER_TOOLS (${given}) lacks them` : 'run "npm start", which builds and installs them';
    throw new Error(`These tools are not on this machine: ${missing.join(", ")}; ${where}.`);
  }
  return Object.fromEntries([...built, ...debian]) as Record<ToolName, string>;
}

/**
 * Path of kube-score, which judges objects of a cluster in tests. It is had as the tools are, at the first test that
 * asks for it.
 */
export async function ensureJudge(report: Report, cacheDir = cacheDirectory()): Promise<string> {
  const given = process.env["RECOMMENDER_TOOLS"];
  if (given) return join(given, JUDGE.name);
  const waiting = () => report(`waiting for another test that builds ${JUDGE.name}`);
  await linkFromPath(JUDGE, cacheDir, waiting);
  await makeBuild(JUDGE, cacheDir, { waiting, progress: () => undefined });
  return join(buildDirectory(JUDGE, cacheDir), "bin", JUDGE.name);
}

/** Links the programs of a build into the cache where all are on PATH in the wanted version. */
async function linkFromPath(build: GoBuild, cacheDir: string, waiting: (build: GoBuild) => void): Promise<void> {
  const { versionArguments } = build;
  if (!versionArguments) return;
  const programs: [string, string][] = [];
  for (const name of programsOf(build)) {
    const path = findProgram(name);
    if (!path || !(await saysVersion(path, versionArguments, build.version))) return;
    programs.push([name, path]);
  }
  await linkBuild(build, programs, cacheDir, waiting);
}

async function saysVersion(path: string, args: readonly string[], version: string): Promise<boolean> {
  try {
    const { stdout, stderr } = await run(path, args, { timeout: 10_000 });
    return `${stdout}${stderr}`.split(/[^0-9.]+/).includes(version);
  } catch {
    return false; // a program that cannot say its version is not the wanted one
  }
}
