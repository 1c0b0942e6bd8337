import { existsSync } from "node:fs";
import { join } from "node:path";
import { installedTools } from "../../../../local/toolchain/ensure-tools";

type ControlPlaneTools = Record<"etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler", string>;

/** The programs of a control plane: from the folder KUBERNETES_TOOLS, else those that the local stack has built. */
export function builtTools(): ControlPlaneTools {
  const folder = process.env["KUBERNETES_TOOLS"];
  if (!folder) return installedTools();
  const tool = (...names: string[]): string => {
    const found = names.map((name) => join(folder, name)).find((path) => existsSync(path));
    if (!found)
      throw new Error(`KUBERNETES_TOOLS=${folder} has no ${names[0]}. Name a folder that has it, or unset it.`);
    return found;
  };
  return {
    etcd: tool("etcd", "server"),
    "kube-apiserver": tool("kube-apiserver"),
    "kube-controller-manager": tool("kube-controller-manager"),
    "kube-scheduler": tool("kube-scheduler"),
  };
}
