import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/** Writes the files of the page to a folder: what lies beside this file, and its TypeScript as one module. */
export async function buildPage(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  cpSync(join(__dirname, "static"), folder, { recursive: true });
  await build({
    entryPoints: [join(__dirname, "client/main.ts")],
    outfile: join(folder, "page.js"),
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    minify: true,
    logLevel: "error",
  });
}
