import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../../../local/instance";
import type { ToolName, Tools } from "../../../../local/toolchain/tools";

const SYSTEM: readonly ToolName[] = ["runc", "buildah"];

/** The programs that clusters run on: from the folder KUBERNETES_TOOLS, else from the cache of the local stack. */
export function tools(): Tools {
  const folder = process.env["KUBERNETES_TOOLS"] ?? join(cacheDirectory(), "bin");
  const find = (name: ToolName): string => {
    if (SYSTEM.includes(name)) return join("/usr/sbin", name);
    // Its module calls etcd's program "server".
    const candidates = name === "etcd" ? ["etcd", "server"] : [name];
    const found = candidates.map((candidate) => join(folder, candidate)).find(existsSync);
    if (!found)
      throw new Error(`${folder} has no ${name}. Run npm start once, or set KUBERNETES_TOOLS to a folder with it.`);
    return found;
  };
  return new Proxy({} as Tools, { get: (_, name) => find(name as ToolName) });
}
