import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../../../local/instance";

/** The Pulumi CLI: from the folder KUBERNETES_TOOLS, else from the cache of the local stack. */
export function pulumiProgram(): string {
  const path = join(process.env["KUBERNETES_TOOLS"] ?? join(cacheDirectory(), "bin"), "pulumi");
  if (!existsSync(path)) {
    throw new Error(
      `There is no Pulumi CLI at ${path}. Run npm start once, or set KUBERNETES_TOOLS to a folder with it.`,
    );
  }
  return path;
}
