import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runPulumi } from "../engine/run";
import { existingInstance } from "../instance";
import { installedTools } from "../toolchain/ensure-tools";
import { STACK } from "./repository";
import { REGION, ScalewayApi } from "./scaleway-api";
import { configurationFile } from "./stack-configuration";

/** Commands of the CLI that read the configuration of a stack, and so know `--config-file`. */
const CONFIGURED = new Set(["up", "update", "preview", "pre", "refresh", "destroy", "config", "import", "watch"]);

/** Runs any Pulumi command on the local Scaleway; its exit status becomes ours. */
export async function pulumi(args: readonly string[]): Promise<void> {
  const instance = existingInstance();
  const { exitCode } = await runPulumi(instance, installedTools(), withConfiguration(args, instance.stateDir), {
    interactive: true,
  });
  process.exitCode = exitCode;
}

/** Adds this machine's configuration where the command reads one and names neither a file nor another stack. */
export function withConfiguration(args: readonly string[], stateDir: string): string[] {
  const names = (flag: string) => args.some((arg) => arg === flag || arg.startsWith(`${flag}=`));
  const stack = args[args.findIndex((arg) => arg === "--stack" || arg === "-s") + 1];
  const elsewhere = (names("--stack") || names("-s")) && stack !== STACK;
  if (!CONFIGURED.has(args[0] ?? "") || names("--config-file") || elsewhere) return [...args];
  return [...args, "--config-file", configurationFile(stateDir)];
}

/** Runs any kubectl command on the local cluster; its exit status becomes ours. */
export async function kubectl(args: readonly string[]): Promise<void> {
  const instance = existingInstance();
  const tools = installedTools();
  const kubeconfig = await writeKubeconfig(instance.stateDir, new ScalewayApi(instance, REGION));
  const { status } = spawnSync(tools.kubectl, args, {
    stdio: "inherit",
    env: { ...process.env, KUBECONFIG: kubeconfig },
  });
  process.exitCode = status ?? 1;
}

/**
 * Writes the kubeconfig of the local cluster for its owner alone.
 * @returns its path
 * @throws Error where there is no cluster
 */
export async function writeKubeconfig(stateDir: string, api: ScalewayApi): Promise<string> {
  const file = join(stateDir, "kubeconfig");
  const cluster = (await api.healthy()) ? (await api.clusters())[0] : undefined;
  if (!cluster) throw new Error("There is no cluster on this machine. Run npm start.");
  if (!existsSync(stateDir)) mkdirSync(stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(file, await api.kubeconfig(cluster.id), { mode: 0o600 });
  return file;
}
