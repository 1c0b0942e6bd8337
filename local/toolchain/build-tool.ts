import { spawn } from "node:child_process";
import {
  createWriteStream,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { lutimes } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { buildDirectory, type GoBuild, goArguments, LANES, MODULES, programsOf } from "./go-builds";
import { withLock } from "./lock";
import { findGo } from "./programs";

/** Lines of a failed build that are shown; the rest is in its log. */
const SHOWN_LINES = 12;

export interface BuildEvents {
  /** Another process builds the same. */
  readonly waiting: (build: GoBuild) => void;
  /** Share of the packages that are compiled, 0 to 1. */
  readonly progress: (build: GoBuild, fraction: number) => void;
}

/** True where every program of a build is in the cache. */
export function isBuilt(build: GoBuild, cacheDir: string): boolean {
  const directory = buildDirectory(build, cacheDir);
  return programsOf(build).every((program) => isCurrent(join(directory, "bin", program)));
}

/** Whether a program is there and, where it is a link to one on PATH, that one is still the one that was linked. */
function isCurrent(file: string): boolean {
  if (!existsSync(file)) return false;
  const link = lstatSync(file);
  return !link.isSymbolicLink() || wholeSeconds(link) === wholeSeconds(statSync(file));
}

const wholeSeconds = ({ mtimeMs }: { readonly mtimeMs: number }) => Math.floor(mtimeMs / 1000);

/** Builds that are not in the cache; none where `RECOMMENDER_TOOLS` names a folder with the programs. */
export function missingBuilds(cacheDir: string): GoBuild[] {
  return process.env["RECOMMENDER_TOOLS"] ? [] : LANES.flat().filter((build) => !isBuilt(build, cacheDir));
}

/**
 * Builds the programs of one build, unless they are in the cache; what is in the cache is always whole, because it
 * is put there by one rename.
 * @throws Error with the last lines of the compiler and the path of the log
 */
export async function makeBuild(build: GoBuild, cacheDir: string, events: BuildEvents): Promise<void> {
  const log = join(dirname(buildDirectory(build, cacheDir)), `${build.name}.log`);
  await fill(build, cacheDir, events.waiting, (bin) =>
    compile(build, bin, log, (count) => events.progress(build, Math.min(0.99, count / build.compiles))),
  );
}

/**
 * Puts links to programs of this machine into the cache instead of a build. A link bears its program's time of change,
 * by which a later start sees that the program was replaced.
 */
export async function linkBuild(
  build: GoBuild,
  programs: readonly (readonly [name: string, path: string])[],
  cacheDir: string,
  waiting: BuildEvents["waiting"],
): Promise<void> {
  await fill(build, cacheDir, waiting, async (bin) => {
    for (const [name, path] of programs) {
      const link = join(bin, name);
      const { atime, mtime } = statSync(path);
      symlinkSync(path, link);
      await lutimes(link, atime, mtime);
    }
  });
}

/** Makes the folder of a build and moves it into the cache, while no other process does the same. */
async function fill(
  build: GoBuild,
  cacheDir: string,
  waiting: BuildEvents["waiting"],
  make: (bin: string) => Promise<void>,
): Promise<void> {
  if (isBuilt(build, cacheDir)) return;
  const directory = buildDirectory(build, cacheDir);
  const tools = dirname(directory);
  await withLock(
    join(tools, `.${build.name}.lock`),
    () => waiting(build),
    async () => {
      if (isBuilt(build, cacheDir)) return;
      const work = mkdtempSync(join(tools, ".new-"));
      try {
        mkdirSync(join(work, "bin"));
        await make(join(work, "bin"));
        rmSync(directory, { recursive: true, force: true });
        renameSync(work, directory);
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
  );
}

async function compile(
  build: GoBuild,
  output: string,
  logFile: string,
  compiled: (count: number) => void,
): Promise<void> {
  const go = findGo();
  if (!go) throw new Error(`${build.name} ${build.version} cannot be built: there is no Go on PATH. Install Go.`);
  const child = spawn(go, goArguments(build, output), {
    cwd: join(MODULES, build.module),
    // GOFLAGS, GOOS and the like of the user would change what comes out.
    env: {
      ...process.env,
      CGO_ENABLED: "0",
      GOTOOLCHAIN: "local",
      // The compiler's own garbage collection is a fifth of its time; memory grows by as little.
      GOGC: "400",
      GOWORK: "off",
      GOFLAGS: "",
      GOOS: "",
      GOARCH: "",
      GOAMD64: "",
    },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const log = createWriteStream(logFile);
  const last: string[] = [];
  let count = 0;
  for await (const line of createInterface({ input: child.stderr })) {
    log.write(`${line}\n`);
    // With -v, go prints the path of each package it compiles; a path has no blank.
    if (/^[^\s#]+$/.test(line)) compiled(++count);
    else if (!line.startsWith("go: downloading")) last.push(line);
  }
  log.end();
  const code = child.exitCode ?? (await new Promise<number | null>((done) => child.once("exit", done)));
  if (code === 0) return;
  const shown = last.slice(-SHOWN_LINES).join("\n");
  throw new Error(
    `${build.name} ${build.version} could not be built (go ended with ${code ?? child.signalCode}). The log is ${logFile}; it ends:\n${shown}`,
  );
}
