import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { existingInstance } from "../instance";
import { Supervisor } from "../supervisor/supervisor";

interface LogsOptions {
  readonly follow?: boolean;
  readonly lines: string;
}

/** Prints the log of a component, or which ones there are. */
export function logs(component: string | undefined, { follow, lines }: LogsOptions): void {
  const instance = existingInstance();
  const folder = join(instance.stateDir, "logs");
  const components = existsSync(folder)
    ? readdirSync(folder).filter((name) => existsSync(join(folder, name, "current")))
    : [];
  if (component === undefined) {
    console.log(components.sort().join("\n"));
    return;
  }
  if (!components.includes(component)) {
    throw new Error(`There is no log of "${component}". There are: ${components.sort().join(", ") || "none"}.`);
  }
  const file = new Supervisor(instance).logFile(component);
  process.exitCode =
    spawnSync("tail", ["-n", lines, ...(follow ? ["-F"] : []), file], { stdio: "inherit" }).status ?? 1;
}
