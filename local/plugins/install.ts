import { createHash, randomBytes } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { build } from "esbuild";
import type { Instance } from "../instance";

/**
 * Plugins by folder: their kind and name for the engine, and the npm package whose version the engine asks for. The
 * language host is kept among the other plugins, because one on PATH draws a warning at each run, and so that an
 * official one beside the CLI goes first.
 */
const PLUGINS = {
  scaleway: { kind: "resource", name: "scaleway", package: "@pulumiverse/scaleway" },
  kubernetes: { kind: "resource", name: "kubernetes", package: "@pulumi/kubernetes" },
  random: { kind: "resource", name: "random", package: "@pulumi/random" },
  dynamic: { kind: "resource", name: "pulumi-nodejs", package: "@pulumi/pulumi" },
  "language-nodejs": { kind: "language", name: "nodejs", package: "@pulumi/pulumi" },
} as const;
const REPOSITORY = join(__dirname, "..", "..");
/** What bundles are made of beside the sources in this folder. */
const OUTSIDE = ["pipelines/sdk/quantity.ts", "package-lock.json"];

/**
 * Puts the stand-in plugins where the engine of an instance looks for them: in `plugins` of its `PULUMI_HOME`.
 * Bundles are shared by all instances of a cache and made again only when a source changes; two installations at the
 * same time do not disturb each other.
 *
 * @throws when a plugin does not compile
 */
export async function installPlugins({ cacheDir }: Instance, pulumiHome: string): Promise<void> {
  const folders = Object.keys(PLUGINS).filter((folder) => existsSync(entryPoint(folder)));
  const bundles = await bundlePlugins(join(cacheDir, "plugins"), folders);
  for (const [folder, plugin] of Object.entries(PLUGINS)) {
    if (!folders.includes(folder)) continue;
    const version = packageVersion(plugin.package);
    const home = join(pulumiHome, "plugins", `${plugin.kind}-${plugin.name}-v${version}`);
    writeLauncher(join(home, `pulumi-${plugin.kind}-${plugin.name}`), join(bundles, `${folder}.js`));
  }
}

function entryPoint(folder: string): string {
  return join(__dirname, folder, "main.ts");
}

function packageVersion(packageName: string): string {
  const manifest = JSON.parse(readFileSync(require.resolve(`${packageName}/package.json`), "utf8")) as {
    version: string;
  };
  return manifest.version;
}

/** Bundles each plugin into one file of a folder named for the content of its sources; returns the folder. */
async function bundlePlugins(cache: string, plugins: readonly string[]): Promise<string> {
  const folder = join(cache, sourceHash());
  if (existsSync(folder)) return folder;
  const unfinished = join(cache, `.${randomBytes(8).toString("hex")}`);
  try {
    await build({
      entryPoints: Object.fromEntries(plugins.map((plugin) => [plugin, entryPoint(plugin)])),
      outdir: unfinished,
      bundle: true,
      platform: "node",
      target: "node20",
      format: "cjs",
      legalComments: "none",
      logLevel: "error",
    });
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    // Somebody else has put the same bundles there meanwhile.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** Digest of everything a bundle is made of: our sources and the versions of what they import. */
function sourceHash(): string {
  const sources = readdirSync(__dirname, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  const hash = createHash("sha256");
  for (const file of [...sources, ...OUTSIDE.map((path) => join(REPOSITORY, path))]) {
    hash
      .update(`${relative(REPOSITORY, file)}\0`)
      .update(readFileSync(file))
      .update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** An executable that runs a bundle with the Node that runs this process. */
function writeLauncher(file: string, bundle: string): void {
  const text = `#!/bin/sh\nexec ${quoted(process.execPath)} ${quoted(bundle)} "$@"\n`;
  if (existsSync(file) && readFileSync(file, "utf8") === text) return;
  mkdirSync(dirname(file), { recursive: true });
  // An engine may be starting the old one this very moment.
  const unfinished = `${file}.${randomBytes(4).toString("hex")}`;
  writeFileSync(unfinished, text);
  chmodSync(unfinished, 0o755);
  renameSync(unfinished, file);
}

function quoted(path: string): string {
  return `'${path.replaceAll("'", "'\\''")}'`;
}
