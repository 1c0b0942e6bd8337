import { join } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";

/** Where a program runs. */
export type Platform = "node" | "browser";

/**
 * Makes one file of a TypeScript program and all it imports, packages included. Native code of a package becomes a file
 * beside it.
 *
 * @throws Error of esbuild that names the file and line at fault
 */
export async function bundleProgram(entry: string, outfile: string, platform: Platform): Promise<void> {
  const ofPlatform: BuildOptions =
    platform === "node"
      ? { target: "node20", sourcemap: "inline", sourcesContent: false, plugins: [nativeCode] }
      : { target: "es2022", format: "esm", minify: true };
  await build({ entryPoints: [entry], outfile, bundle: true, platform, logLevel: "silent", ...ofPlatform });
}

/**
 * The database looks for its native code at run time, among folders of packages that an image does not have: here it is
 * told the one file that every Node.js from 20 on can load.
 */
const nativeCode: Plugin = {
  name: "native-code",
  setup(bundle) {
    const library = require.resolve("lmdb");
    const binary = join(library, "../../..", "@lmdb/lmdb-linux-x64/node.napi.glibc.node");
    bundle.initialOptions.loader = { ".node": "copy" };
    // Its module form asks where it lies, which a bundle cannot say.
    bundle.onResolve({ filter: /^lmdb$/ }, () => ({ path: library }));
    bundle.onResolve({ filter: /^node-gyp-build-optional-packages$/ }, ({ importer }) =>
      importer === library ? { path: binary, namespace: "loaded" } : undefined,
    );
    bundle.onLoad({ filter: /.*/, namespace: "loaded" }, ({ path }) => ({
      contents: `module.exports = () => require(${JSON.stringify(path)});`,
      resolveDir: join(path, ".."),
    }));
    // Faster reading of long texts, which works without it, too.
    bundle.onResolve({ filter: /^msgpackr-extract$/ }, () => ({ path: "msgpackr-extract", external: true }));
  },
};
