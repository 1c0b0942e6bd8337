import { existsSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory } from "../../../../local/instance";

type ControlPlaneTools = Record<"etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler", string>;

/** The programs of a control plane: from the folder KUBERNETES_TOOLS, else from the cache of the local stack. */
export function builtTools(): ControlPlaneTools {
  const folder = process.env["KUBERNETES_TOOLS"] ?? join(cacheDirectory(), "bin");
  const tool = (...names: string[]): string => {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (!found)
      throw new Error(`${folder} has no ${names[0]}. Run npm start once, or set KUBERNETES_TOOLS to a folder with it.`);
    return found;
  };
  return {
    etcd: tool("etcd", "server"),
    "kube-apiserver": tool("kube-apiserver"),
    "kube-controller-manager": tool("kube-controller-manager"),
    "kube-scheduler": tool("kube-scheduler"),
  };
}
