import { cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

/**
 * Writes the files of the page to a folder, which is made where it is missing: what lies in `static`, and the
 * TypeScript of `client` as one module. An image is built with them:
 *
 *     npx tsx local/kubeflow/page/build.ts <folder>     or     await buildPage(folder)
 *
 * The backend serves the folder that PAGE_DIRECTORY names, and needs neither this file nor esbuild for it.
 */
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

if (require.main === module) {
  const [folder, ...more] = process.argv.slice(2);
  if (folder === undefined || more.length > 0) {
    console.error("Usage: npx tsx local/kubeflow/page/build.ts <folder>");
    process.exitCode = 2;
  } else
    buildPage(folder).catch((error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    });
}
