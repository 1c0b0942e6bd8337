import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../instance";
import type { Service } from "../supervisor/service";
import type { Tools } from "../toolchain/tools";

export interface ScalewayServiceOptions {
  readonly tools: Tools;
  /** Node, and the program: `local/scaleway/main.ts` under tsx, or one bundled file of it. */
  readonly command: readonly string[];
  /** Node, and the program of a cluster's controllers; the path of their configuration is added to it. */
  readonly controllers: readonly string[];
  /** Only claims to run clusters; for tests of everything but clusters. */
  readonly simulated?: boolean;
}

/** The emulated Scaleway as a service; it is ready once `GET /_local/health` on the API's port answers 200. */
export function scalewayService(instance: Instance, options: ScalewayServiceOptions): Service {
  const { tools, command, controllers, simulated = false } = options;
  const file = join(instance.stateDir, "scaleway-service.json");
  const configuration: ScalewayConfiguration = { tools, controllers, simulated };
  writeFileSync(file, JSON.stringify(configuration, null, 2), { mode: 0o600 });
  return {
    name: "scaleway",
    command,
    environment: {
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      HOME: process.env["HOME"] ?? "/root",
      RECOMMENDER_STATE: instance.stateDir,
      SCALEWAY_CONFIGURATION: file,
    },
    workingDirectory: instance.stateDir,
  };
}

/** What the process reads from the file named by `SCALEWAY_CONFIGURATION`. */
export interface ScalewayConfiguration {
  readonly tools: Tools;
  readonly controllers: readonly string[];
  readonly simulated: boolean;
}
